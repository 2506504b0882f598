"""Docstrings, comments and pages are plain technical English, as far as a program can tell."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ("adapters/schema", "adapters/embedded", "bootstrap", "ports")
"""The packages whose docstrings are held to the patterns; the others are rewritten one after the other."""
BANNED = {
    r"\bwhere (?:there|ones?|somebody|nobody|given|none|nothing)\b": "if",
    r"\bwhere (?:it (?:has|can|does|needs|may)|they (?:have|can))\b": "if",
    r"\b(?:who|whoever) (?:has|have|does|asks|wants)\b": "the field's noun: the owner, the caller",
    r"\b[Oo]nes? (?:that|who|which)\b": "the noun itself",
    r"\bnone any ?more\b": "no longer",
    r"\bas one who\b": "as",
    r"\bsuch that\b": "so that",
    r"\b(?:is|are|was|were) told (?!apart)": "say, report, raise, return",
    r"\bso (?:many|long) (?!as\b)": "the number of …",
    r"\b(?:mend|mends|mended|mending)\b": "fix, repair",
    r"\banew\b": "again, from the start, new",
    r"\b(?:whereupon|thereby|upon which|hence|whence|thereof)\b": "a sentence of its own",
    r"\b(?:in step|kept in step)\b": "in sync",
    r"\bin vain\b": "without success",
    r"\bof old\b": "former, old",
    r"\bat hand\b": "idle, available",
    r"\b(?:somebody|nobody) else's\b": "another role's, another process's",
    r"\bwhat is said of\b": "the fields of",
}
"""Patterns that make a reader translate, with what to write instead."""
RIDDLE = re.compile(r"(?:What|Who|Whatever|Whoever|Whose|Whom) ")
"""How a docstring does not begin: name the thing."""
SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!vs)\. +(?!Raises )[A-Z`]")


def docstrings(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the name and the docstring of a module and of everything in it; attributes' docstrings too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "name", "the module"), text
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            for before, statement in pairwise(body):
                if isinstance(before, ast.Assign | ast.AnnAssign) and (text := text_of(statement)):
                    yield ast.unparse(before).partition("=")[0].strip(), text


def text_of(statement: ast.stmt) -> str | None:
    """Return the text of a statement that is nothing but a text, or None."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else None
    return None


def comments(text: str) -> Iterator[tuple[str, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield f"line {token.start[0]}", token.string


def banned(text: str) -> list[str]:
    prose = re.sub(r"``[^`]*``|`[^`]*`", "", text)
    return [f"{found[0]!r}: write {instead}" for rule, instead in BANNED.items() for found in re.finditer(rule, prose)]


@pytest.mark.parametrize("package", CHECKED)
def test_docstrings_and_comments_name_things(package: str) -> None:
    """No pattern that style makes a reader translate, and a first line that is one sentence and no riddle."""
    problems = []
    for file in sorted((ROOT / package).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for name, docstring in docstrings(ast.parse(text)):
            first = docstring.partition("\n")[0]
            found = banned(docstring)
            if RIDDLE.match(first):
                found.append(f"{first[:50]!r}: name the thing")
            if SENTENCE_END.search(first):
                found.append(f"{first[:120]!r}: one sentence in the first line")
            problems += [f"{file.relative_to(ROOT)} {name}: {problem}" for problem in found]
        for place, comment in comments(text):
            problems += [f"{file.relative_to(ROOT)} {place}: {problem}" for problem in banned(comment)]
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems)


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.stem
)
def test_pages_name_things(page: Path) -> None:
    """The pages are held to the same patterns, apart from code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert not banned(text)


def test_the_patterns_match_what_they_ban() -> None:
    """Each was found in this project once."""
    for example in (
        "None where there is none.",
        "for one that has too many statements",
        "a difference is none any more",
        "the trigger that keeps both forms in step",
        "everybody is told of the gap",
        "a transfer of so many raw units",
    ):
        assert banned(example), example
    assert not banned("a table and a view are told apart; as long as it lasts; `where it` is code")
