"""Report the mistakes in a contract file, each with its key, its line and the value expected there."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from strongroom.domain.errors import StrongroomError

_HEADER: Final = re.compile(r"\s*\[\[?(?P<path>[^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*(?P<path>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_LONGEST_REASON: Final = 500
_PART: Final = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


@frozen
class ContractProblem:
    """One mistake: the key it stands at (``sides.backend.role``), its line where known, and what is expected."""

    key: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line else ""
        key, reason = (_shortened(text) for text in (self.key, self.reason))
        return f"{where}{key}: {reason}" if key else f"{where}{reason}"


class ContractInvalid(StrongroomError):
    """A contract file cannot be used; ``problems`` are all its mistakes, in the order of their lines."""

    def __init__(self, source: str, problems: Sequence[ContractProblem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """The mistakes, a line each."""
        return tuple(f"{self.source}: {problem}" for problem in self.problems)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the known word nearest to an unknown word, or all known words."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(map(repr, names))}"


class LineIndex:
    """Finds the line of a key in a TOML text, by its tables' headers and its keys; TOML itself is not parsed."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._keys: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        counts: dict[tuple[str, ...], int] = {}
        for number, line in enumerate(self._lines, 1):
            header = _HEADER.fullmatch(line)
            key = _KEY.match(line)
            if header is not None:
                table = _parts(header["path"])
                if line.lstrip().startswith("[["):
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, str(counts[table]))
                self._keys.setdefault(table, number)
            elif key is not None:
                self._keys.setdefault((*table, *_parts(key["path"])), number)

    def of(self, path: Sequence[str], value: object = None) -> int | None:
        """Return the line of a key, of the nearest table around it, or None; a text among its values is looked for."""
        for length in range(len(path), 0, -1):
            line = self._keys.get(tuple(path[:length]))
            if line is not None:
                return self._with_value(line, value) if length == len(path) else line
        return None

    def _with_value(self, first: int, value: object) -> int:
        quoted = {f'"{value}"', f"'{value}'"}
        following = sorted(line for line in self._keys.values() if line > first)
        last = following[0] - 1 if following else len(self._lines)
        holding = (line for line in range(first, last + 1) if any(one in self._lines[line - 1] for one in quoted))
        return next(holding, first)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(path))
