"""SQL as text: its statements, and what of it counts when two texts are compared."""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

_TOKEN: Final = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>--[^\n]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*')
    | (?P<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<identifier>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)
    | (?P<word>[\w.](?:[\w.$])*|\$\d+)
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+)
    | (?P<end>;)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@frozen
class Statement:
    """One statement of a text, and the line that it starts on, counted from 1."""

    text: str
    line: int


@frozen
class _Token:
    kind: str
    text: str
    start: int
    end: int


def statements(sql: str) -> list[Statement]:
    """Split a text into its statements; quotes, dollar quotes, comments and SQL function bodies are respected."""
    found: list[Statement] = []
    start: int | None = None
    words: list[str] = []
    depth = 0
    for token in _tokens(sql):
        if token.kind in {"space", "comment"}:
            continue
        if start is None:
            start = token.start
        if token.kind == "word":
            words.append(token.text.lower())
            depth = max(0, depth + _body_depth(words, depth))
        elif token.kind == "end" and depth == 0:
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
    return " ".join(token.text for token in _tokens(sql) if token.kind not in {"space", "comment"})


def _statement(sql: str, start: int, end: int) -> Statement:
    return Statement(sql[start:end].rstrip(), sql.count("\n", 0, start) + 1)


def _body_depth(words: list[str], depth: int) -> int:
    """Return how the last word changes the nesting of a function body that is written in SQL (BEGIN ATOMIC … END)."""
    if words[-2:] == ["begin", "atomic"] or (depth and words[-1] == "case"):
        return 1
    return -1 if depth and words[-1] == "end" else 0


def _tokens(sql: str) -> Iterator[_Token]:
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            raise AssertionError
        if kind == "tag":
            kind = "dollar"
        end = _end_of_block(sql, position) if kind == "block" else match.end()
        yield _Token("comment" if kind == "block" else kind, sql[position:end], position, end)
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
