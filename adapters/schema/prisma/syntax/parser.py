"""Reads the text of one schema.prisma into its syntax."""

import re
from functools import cache
from typing import Final, cast

from lark import Lark, UnexpectedInput, UnexpectedToken

from strongroom.adapters.schema.prisma.syntax.errors import Position, PrismaSchemaError, SchemaProblem

from .ast_builder import FILE, AstBuilder
from .grammar import GRAMMAR
from .nodes import Document

ONE_LINE = "Write every attribute, list and setting on one line, and every field on a line of its own."
MAX_DEPTH: Final = 32
_MARK: Final = re.compile(r""""[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"?|//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|[\[\](){}]""")
REMEDIES = (
    ("MODEL", "A block begins with model, view, enum, type, datasource or generator."),
    ("BLOCK_ATTRIBUTE", "A line in a block is a field, an attribute with @@, a comment, or the closing brace."),
    ("_NEWLINE", ONE_LINE),
)


def parse(text: str, file: str = "schema.prisma") -> Document:
    """Return the syntax of a schema's text; ``file`` is the name that positions carry.

    Raises PrismaSchemaError at the first place where the text is no schema.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _require_shallow(text, file)
    named = FILE.set(file)
    try:
        document = _parser().parse(text)
    except UnexpectedInput as failure:
        raise PrismaSchemaError([_explain_failure(failure, text, file)]) from None
    finally:
        FILE.reset(named)
    return cast("Document", document)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=AstBuilder())


def _require_shallow(text: str, file: str) -> None:
    """Raise PrismaSchemaError for brackets that are nested more than MAX_DEPTH deep, outside strings and comments."""
    depth = 0
    for match in _MARK.finditer(text):
        if match[0] in "[({":
            depth += 1
        elif match[0] in "])}":
            depth -= 1
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, match.start()) + 1
            position = Position(file, line, match.start() - text.rfind("\n", 0, match.start()))
            message = f"Brackets are nested more than {MAX_DEPTH} deep here."
            raise PrismaSchemaError([SchemaProblem(position, message, "Close them, or write it flatter.")])


def _explain_failure(failure: UnexpectedInput, text: str, file: str) -> SchemaProblem:
    position = Position(file, failure.line, failure.column)
    if isinstance(failure, UnexpectedToken) and failure.token.type == "$END":
        last = text.rstrip().count("\n") + 1
        return SchemaProblem(
            Position(file, last, 1), "The file ends within a block.", "Close it with } on a line of its own."
        )
    if isinstance(failure, UnexpectedToken):
        found, expected = str(failure.token)[:40], failure.expected
    else:
        found, expected = _word_at(text, failure.pos_in_stream or 0), getattr(failure, "allowed", None) or set()
    shown = "The line ends here, too early." if not found.strip() else f"{found.strip()} cannot stand here."
    remedy = next((remedy for terminal, remedy in REMEDIES if terminal in expected), ONE_LINE)
    return SchemaProblem(position, shown, remedy)


def _word_at(text: str, start: int) -> str:
    rest = text[start : start + 40].split("\n", 1)[0]
    return rest.split(maxsplit=1)[0] if rest.strip() else ""
