"""Split SQL text into statements, and digest what of it counts, in one pass that is linear in the text's length."""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from attrs import frozen

from .errors import MigrationFileInvalid

MAX_STATEMENTS: Final = 250_000
"""Of one text. Each statement is an object in memory, and a server takes minutes for as many."""
_MAX_WORDS: Final = 64
"""Kept of each statement: enough to tell which command it is, with its options."""
_CACHED_LENGTH: Final = 2**16
_BATCH: Final = 10_000
_TOKEN: Final = re.compile(
    r"""
      (?P<space>\A\ufeff|[ \t\n\r\f\v]+)
    | (?P<comment>--[^\n\r]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]')
    | (?P<string>(?:[bBxXnN]|[uU]&)?')
    | (?P<identifier>(?:[uU]&)?")
    | (?P<dollar>\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
    | (?P<word>\.?[0-9][A-Za-z0-9_.\x80-\U0010ffff]*
        |[A-Za-z_.\x80-\U0010ffff][A-Za-z0-9_.$\x80-\U0010ffff]*|\$[0-9]+)
    | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?]){1,63})
    | (?P<end>;)
    | (?P<open>[(\[])
    | (?P<close>[)\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
"""Where PostgreSQL's tokens begin: white space is ASCII's, every character beyond ASCII makes a name."""
_CLOSES: Final = {
    "escape": (re.compile(r"\\.|''?", re.DOTALL), "'"),
    "string": (re.compile(r"''?"), "'"),
    "identifier": (re.compile(r'""?'), '"'),
}
_BLOCK_MARK: Final = re.compile(r"/\*|\*/")
_HEADER: Final = re.compile(r"--\s*(requires|strongroom):(.*)", re.DOTALL)
_SEPARATORS: Final = frozenset({"space", "comment", "block"})


@frozen
class SqlStatement:
    """One statement of a text, the line that it starts on (from 1), and its first words outside quotes, lower case."""

    text: str
    line: int
    words: tuple[str, ...]


@frozen
class Header:
    """A comment that instructs the migrator; ``late`` if a statement stands before it."""

    name: str
    value: str
    late: bool


@frozen
class Script:
    """What a text holds; ``checksum`` is the SHA-256, in hex, of its tokens without comments and white space."""

    statements: tuple[SqlStatement, ...]
    headers: tuple[Header, ...]
    checksum: str


class Token(NamedTuple):
    """A piece of a text: white space, a comment, a literal, a name, an operator."""

    kind: str
    text: str
    start: int
    end: int


def scan(sql: str) -> Script:
    """Read a text as PostgreSQL does with ``standard_conforming_strings`` on; what a quote leaves open ends with it.

    Quotes, comments, parentheses (of rules) and SQL function bodies (BEGIN ATOMIC … END) may hold semicolons. Raises
    MigrationFileInvalid for a text of more than MAX_STATEMENTS.
    """
    return _cached(sql) if len(sql) <= _CACHED_LENGTH else _scan(sql)


def split_statements(sql: str) -> tuple[SqlStatement, ...]:
    """Return the statements of a text. Raises as ``scan`` does."""
    return scan(sql).statements


def checksum(sql: str) -> str:
    """Return the SHA-256, in hex, of what counts in a text: comments and white space between tokens do not."""
    return scan(sql).checksum


def normalize_sql(sql: str) -> str:
    """Return a text's tokens joined by single spaces, without comments; literals stay as they are, to the letter."""
    return " ".join(token.text for token in tokens(sql) if token.kind not in _SEPARATORS)


def _scan(sql: str) -> Script:
    found: list[SqlStatement] = []
    headers: list[Header] = []
    digest = _Digest()
    splitter = _Splitter()
    line, counted = 1, 0
    start: int | None = None
    for token in tokens(sql):
        if token.kind in _SEPARATORS:
            header = _HEADER.fullmatch(token.text) if token.kind == "comment" else None
            if header is not None:
                headers.append(Header(header[1], header[2].strip(), late=bool(found) or start is not None))
            continue
        digest.add(token.text)
        if start is None:
            start = token.start
        if splitter.ends_with(token):
            if token.start > start:
                line, counted = line + sql.count("\n", counted, start), start
                _append(found, SqlStatement(sql[start : token.start].rstrip(), line, tuple(splitter.words)))
            start, splitter = None, _Splitter()
    if start is not None:
        line += sql.count("\n", counted, start)
        _append(found, SqlStatement(sql[start:].rstrip(), line, tuple(splitter.words)))
    return Script(tuple(found), tuple(headers), digest.hex())


_cached: Final = lru_cache(maxsize=256)(_scan)


def _append(found: list[SqlStatement], statement: SqlStatement) -> None:
    if len(found) >= MAX_STATEMENTS:
        message = f"line {statement.line}: the text has more than {MAX_STATEMENTS:,} statements: split it into several"
        raise MigrationFileInvalid(message)
    found.append(statement)


class _Splitter:
    """Follows the tokens of one statement, to tell whether a semicolon ends it."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._previous = ""
        self._body = 0
        self._parentheses = 0

    def ends_with(self, token: Token) -> bool:
        """Take the next token, and say whether it ends the statement."""
        if token.kind == "end":
            self._previous = ""
            return self._body == self._parentheses == 0
        if token.kind == "word":
            word = token.text.lower()
            if len(self.words) < _MAX_WORDS:
                self.words.append(word)
            self._follow_body(word)
            self._previous = word
            return False
        self._previous = ""
        if token.kind == "open":
            self._parentheses += 1
        elif token.kind == "close":
            self._parentheses = max(0, self._parentheses - 1)
        return False

    def _follow_body(self, word: str) -> None:
        """Count the nesting of a function body that is written in SQL: BEGIN ATOMIC and CASE open, END closes."""
        if not self._body:
            adjacent = word == "atomic" and self._previous == "begin" and not self._parentheses
            self._body = int(adjacent and self._creates_routine())
        elif word in {"case", "end"} and self._previous != "as" and not self._previous.endswith("."):
            self._body += 1 if word == "case" else -1

    def _creates_routine(self) -> bool:
        kept = [word for word in self.words[:4] if word not in {"or", "replace"}]
        return kept[:1] == ["create"] and kept[1:2] in (["function"], ["procedure"])


class _Digest:
    """Digests tokens joined by single spaces, in batches, so that no second copy of a text is held."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._batch: list[str] = []
        self._separator = ""

    def add(self, text: str) -> None:
        """Take the next token."""
        self._batch.append(text)
        if len(self._batch) == _BATCH:
            self._flush()

    def hex(self) -> str:
        """Return the digest of all tokens."""
        self._flush()
        return self._digest.hexdigest()

    def _flush(self) -> None:
        if self._batch:
            self._digest.update((self._separator + " ".join(self._batch)).encode(errors="surrogatepass"))
            self._batch, self._separator = [], " "


def tokens(sql: str) -> Iterator[Token]:
    """Yield what a text is made of, to the last character; what no token begins stands alone.

    A quoted string that follows an E-string on another line continues it, and backslashes escape there as well.
    """
    position = 0
    escapes = on_next_line = False
    while match := _TOKEN.match(sql, position):
        kind, end = str(match.lastgroup), match.end()
        if kind == "string" and escapes and on_next_line and end - position == 1:
            kind = "escape"
        if kind in _CLOSES:
            end = _end_of_quoted(sql, end, kind)
        elif kind == "dollar":
            close = sql.find(match[0], end)
            end = len(sql) if close < 0 else close + len(match[0])
        elif kind == "block":
            end = _end_of_block(sql, position)
        text = sql[position:end]
        if kind == "space":
            on_next_line = on_next_line or "\n" in text or "\r" in text
        elif kind != "comment":
            escapes, on_next_line = kind == "escape", False
        yield Token(kind, text, position, end)
        position = end


def _end_of_quoted(sql: str, start: int, kind: str) -> int:
    """Return where a quoted literal or name ends whose content starts at ``start``; a doubled quote is part of it."""
    pattern, quote = _CLOSES[kind]
    for match in pattern.finditer(sql, start):
        if match[0] == quote:
            return match.end()
    return len(sql)


def _end_of_block(sql: str, start: int) -> int:
    """Return where a block comment ends; PostgreSQL's nest."""
    depth = 0
    for match in _BLOCK_MARK.finditer(sql, start):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(sql)
