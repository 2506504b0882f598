"""No regular expression of the package takes more than time linear in what it is matched with."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen
from support.regex_ambiguity import ambiguity

from strongroom.adapters.schema.prisma.syntax.parser import _parser
from strongroom.domain.values import fields

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("domain", "ports", "adapters", "bootstrap", "migrations")
FUNCTIONS: Final = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
ANYWHERE: Final = {"search", "sub", "subn", "split", "findall", "finditer"}
COMPUTED: Final = {"domain/values/field_types.py", "adapters/mapping/columns.py"}
"""Where expressions are computed: from the patterns of kinds, which are looked at as well."""


@frozen
class Use:
    """An expression, where it stands, its flags, and the methods that match it."""

    place: str
    pattern: str
    flags: int
    methods: frozenset[str]


@cache
def calls() -> list[tuple[str, ast.Call, str]]:
    """Return the calls of functions of ``re`` and of methods with their names, by file, with the name."""
    return [
        (str(path.relative_to(ROOT)), node, node.func.attr)
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS
    ]


def owner(call: ast.Call) -> str | None:
    """Return the name that a method is called on."""
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    return value.id if isinstance(value, ast.Name) else None


def methods_by_name() -> dict[tuple[str, str], set[str]]:
    """Return which methods are called on each name that is not ``re``, by the file and the name."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place, call, method in calls():
        if (name := owner(call)) not in {None, "re"}:
            found[place, str(name)].add(method)
    return found


def constants() -> Iterator[Use]:
    """Yield the compiled expressions of modules that compile some, alone or in a tuple, a list or a table."""
    methods = methods_by_name()
    elsewhere: dict[str, set[str]] = defaultdict(set)
    within: dict[str, set[str]] = defaultdict(set)
    for (place, name), used in methods.items():
        elsewhere[name] |= used
        within[place] |= used - {"split"}  # texts are split as well
    for place in sorted({place for place, call, method in calls() if method == "compile" and owner(call) == "re"}):
        loaded = importlib.import_module("strongroom." + place.removesuffix(".py").replace("/", "."))
        for name, value in vars(loaded).items():
            for pattern in patterns_in(value):
                # One that is passed on is assumed to be matched in every way that its module matches anything.
                used = methods.get((place, name)) or elsewhere[name] or within[place] or FUNCTIONS
                yield Use(f"{place}: {name}", pattern.pattern, pattern.flags, frozenset(used))


def patterns_in(value: Any) -> Iterator["re.Pattern[str]"]:
    """Yield the compiled expressions in a constant."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for part in value:
            yield from patterns_in(part)
    elif isinstance(value, dict):
        yield from patterns_in(list(value.values()))


def literals() -> Iterator[Use]:
    """Yield the expressions that are written where they are matched; those that are computed stand in COMPUTED."""
    compiled = {use.pattern for use in constants()}
    for place, call, method in calls():
        if owner(call) != "re" or not call.args:
            continue
        first = call.args[0]
        if isinstance(first, ast.Constant) and method == "compile":
            assert first.value in compiled, f"{place}:{call.lineno} compiles an expression: make it a module's constant"
        elif isinstance(first, ast.Constant):
            flags = 0
            for extra in (*call.args[1:], *(keyword.value for keyword in call.keywords)):
                for part in ast.walk(extra):
                    if isinstance(part, ast.Attribute) and part.attr in re.RegexFlag.__members__:
                        flags |= re.RegexFlag[part.attr]
            yield Use(f"{place}:{call.lineno}", first.value, flags, frozenset({method}))
        elif method != "compile":
            assert place in COMPUTED, f"{place}:{call.lineno} computes an expression: write it as a constant"


def kinds() -> Iterator[Use]:
    """Yield the patterns of the kinds of fields, and the terminals of the grammar of schema.prisma."""
    for name in dir(fields):
        for part in getattr(getattr(fields, name), "__metadata__", ()):
            if pattern := getattr(part, "pattern", None):
                yield Use(f"fields.{name}", pattern[1:-1], 0, frozenset({"fullmatch"}))
    for terminal in _parser().terminals:
        yield Use(f"grammar.{terminal.name}", terminal.pattern.to_regexp(), 0, frozenset({"match"}))


def test_every_expression_of_the_package_is_linear() -> None:
    """Constants, literals, patterns of kinds and terminals of the grammar match a text in one way."""
    uses = {(use.pattern, use.flags, use.methods): use for use in (*constants(), *literals(), *kinds())}
    assert len(uses) > 60
    found = [
        f"{use.place}: {verdict}: {use.pattern}"
        for use in uses.values()
        if (
            verdict := ambiguity(
                use.pattern, use.flags, anywhere=bool(use.methods & ANYWHERE), whole="fullmatch" in use.methods
            )
        )
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [
        (r"(a*)*b", "exponential"),
        (r"(?:a|a)*b", "exponential"),
        (r"(?:\w+\s?)*:", "exponential"),
        (r'(?:::(?:[\w. ]|"(?:[^"]|"")*")+)*!', "exponential"),
        (r"\s*(.*?)\s*;", "polynomial"),
        (r"\d+\d+x", "polynomial"),
        (r"(?:[^']|'')*'", None),
        (r"a*+a*b", None),
        (r"(?:a|b)*c", None),
        (r"\d{1,100}(?:\.\d{0,200})?", None),
    ],
)
def test_a_bad_expression_is_found(pattern: str, verdict: str | None) -> None:
    """Nested, alternative and adjacent quantifiers over one text are told from those that match it in one way."""
    assert ambiguity(pattern) == verdict


def test_an_expression_that_is_searched_for_may_begin_anywhere() -> None:
    """What is linear where it has to begin may be quadratic where it is looked for; what never fails is not."""
    assert ambiguity(r"\w[\w+.-]*://") is None
    assert ambiguity(r"\w[\w+.-]*://", anywhere=True) == "polynomial"
    assert ambiguity(r"\S+", anywhere=True) is None
