"""SQL as text: its statements, and what of it counts when two texts are compared."""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from attrs import frozen

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\A\ufeff|[ \t\n\r\f\v]+)
    | (?P<comment>--[^\n\r]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*')
    | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<identifier>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?)\$.*?\$(?P=tag)\$)
    | (?P<word>[A-Za-z0-9_.\x80-\U0010ffff][A-Za-z0-9_.$\x80-\U0010ffff]*|\$[0-9]+)
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
    | (?P<end>;)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""PostgreSQL's own tokens, as far as it matters here: white space is ASCII's, every other character makes a name."""


@frozen
class Statement:
    """One statement of a text, and the line that it starts on, counted from 1."""

    text: str
    line: int


class Token(NamedTuple):
    """A piece of a text: white space, a comment, a literal, a name, an operator."""

    kind: str
    text: str
    start: int
    end: int


def statements(sql: str) -> list[Statement]:
    """Split a text into its statements; quotes, comments, parentheses (of rules) and SQL function bodies hold some."""
    found: list[Statement] = []
    start: int | None = None
    words: list[str] = []
    depth = parentheses = 0
    for token in tokens(sql):
        if token.kind in {"space", "comment"}:
            continue
        if start is None:
            start = token.start
        parentheses = max(0, parentheses + {"open": 1, "close": -1}.get(token.kind, 0))
        if token.kind == "word":
            words.append(token.text.lower())
            depth = max(0, depth + _body_depth(words, depth))
        elif token.kind == "end" and depth == parentheses == 0:
            if token.start > start:
                found.append(_statement(sql, start, token.start))
            start, words = None, []
    if start is not None:
        found.append(_statement(sql, start, len(sql)))
    return found


def checksum(sql: str) -> str:
    """Return the SHA-256, in hex, of what counts in a text: comments and white space between tokens do not."""
    return hashlib.sha256(normalised(sql).encode()).hexdigest()


def normalised(sql: str) -> str:
    """Return a text's tokens joined by single spaces, without comments; literals stay as they are, to the letter."""
    return " ".join(token.text for token in tokens(sql) if token.kind not in {"space", "comment"})


def _statement(sql: str, start: int, end: int) -> Statement:
    return Statement(sql[start:end].rstrip(), sql.count("\n", 0, start) + 1)


def _body_depth(words: list[str], depth: int) -> int:
    """Return how the last word changes the nesting of a function body that is written in SQL (BEGIN ATOMIC … END)."""
    if words[-2:] == ["begin", "atomic"] or (depth and words[-1] == "case"):
        return 1
    return -1 if depth and words[-1] == "end" else 0


@lru_cache(maxsize=256)
def tokens(sql: str) -> tuple[Token, ...]:
    """Return what a text is made of, to the last character; what no token begins stands alone."""
    return tuple(_tokens(sql))


def _tokens(sql: str) -> Iterator[Token]:
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            raise AssertionError
        if kind == "tag":
            kind = "dollar"
        end = _end_of_block(sql, position) if kind == "block" else match.end()
        yield Token("comment" if kind == "block" else kind, sql[position:end], position, end)
        position = end


def _end_of_block(sql: str, start: int) -> int:
    """Return where a block comment ends; PostgreSQL's nest."""
    depth, position = 0, start
    for match in re.compile(r"/\*|\*/").finditer(sql, start):
        depth += 1 if match.group() == "/*" else -1
        position = match.end()
        if depth == 0:
            return position
    return len(sql)
