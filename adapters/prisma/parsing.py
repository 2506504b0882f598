"""Reads the text of one schema.prisma into its syntax."""

from functools import cache
from typing import cast

from lark import Lark, UnexpectedInput, UnexpectedToken

from .building import FILE, Builder
from .errors import Position, PrismaSchemaError, Problem
from .grammar import GRAMMAR
from .syntax import Document

ONE_LINE = "Write every attribute, list and setting on one line, and every field on a line of its own."
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
    named = FILE.set(file)
    try:
        document = _parser().parse(text)
    except UnexpectedInput as failure:
        raise PrismaSchemaError([_explained(failure, text, file)]) from None
    finally:
        FILE.reset(named)
    return cast("Document", document)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=Builder())


def _explained(failure: UnexpectedInput, text: str, file: str) -> Problem:
    position = Position(file, failure.line, failure.column)
    if isinstance(failure, UnexpectedToken) and failure.token.type == "$END":
        last = text.rstrip().count("\n") + 1
        return Problem(
            Position(file, last, 1), "The file ends within a block.", "Close it with } on a line of its own."
        )
    if isinstance(failure, UnexpectedToken):
        found, expected = str(failure.token), failure.expected
    else:
        found, expected = _word(text, failure.pos_in_stream or 0), getattr(failure, "allowed", None) or set()
    shown = "The line ends here, too early." if not found.strip() else f"{found.strip()} cannot stand here."
    remedy = next((remedy for terminal, remedy in REMEDIES if terminal in expected), ONE_LINE)
    return Problem(position, shown, remedy)


def _word(text: str, start: int) -> str:
    rest = text[start : start + 40].split("\n", 1)[0]
    return rest.split(maxsplit=1)[0] if rest.strip() else ""
