"""Reads `strongroom.toml`: TOML into a contract, or every mistake in it at once."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar

from strongroom.adapters.regular_files import read_regular_file
from strongroom.domain.schema.column_change import ChangeKind, OpenChange
from strongroom.domain.schema.contract import (
    AcceptedException,
    Contract,
    ContractSide,
    Language,
    MigrationKind,
    ObjectKind,
    Ownership,
    Pattern,
    ReadGrant,
    Write,
)

from .problems import ContractInvalid, ContractProblem, LineIndex, suggestion

CONTRACT_FILE: Final = "strongroom.toml"
MAX_NAME_BYTES: Final = 63
MAX_LENGTH: Final = 2**20
MAX_DEPTH: Final = 100
"""Of brackets within brackets, and of the parts of a dotted key."""
MAX_PROBLEMS: Final = 100
_KINDS: Final[dict[str, ObjectKind | None]] = {
    "tables": ObjectKind.TABLE,
    "views": ObjectKind.VIEW,
    "materialized_views": ObjectKind.MATERIALIZED_VIEW,
    "enums": ObjectKind.ENUM,
    "types": ObjectKind.TYPE,
    "functions": ObjectKind.FUNCTION,
    "sequences": ObjectKind.SEQUENCE,
    "objects": None,
}
_SIDE_KEYS: Final = ("role", "migrations", "kind", "language", "schemas", "services", "dump", "dump_through")
_EXCEPTION_KEYS: Final = ("object", "rule", "reason", "expires")
_CHANGE_KEYS: Final = ("column", "kind", "to", "expires")
_READING_KEYS: Final = ("columns", "writes")
_TOML_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_QUOTED: Final = re.compile(r"""\"[^"\\]*(?:\\.[^"\\]*)*\"?|'[^']*'?|\#.*""")
"""Match a quoted string, up to the end of the line if the quote is not closed, or a comment."""
_BRACKET: Final = re.compile(r"[\[\]{}]")
_DIGITS: Final = re.compile(r"[0-9_]+")
_LONGEST_NUMBER: Final = 1000

_EnumT = TypeVar("_EnumT", bound=Enum)
_Part = TypeVar("_Part")


def read_contract(path: Path) -> Contract:
    """Read the contract in a file, or in the `strongroom.toml` of a folder. Raises ContractInvalid."""
    file = path / CONTRACT_FILE if path.is_dir() else path
    try:
        text = read_regular_file(file).decode()
    except OSError as error:
        reason = f"cannot be read ({error.strerror}): write one, or name another file"
        raise ContractInvalid(str(file), [ContractProblem("", None, reason)]) from None
    except UnicodeDecodeError as error:
        raise ContractInvalid(str(file), [ContractProblem("", None, f"is not UTF-8 (byte {error.start})")]) from None
    return parse_contract(text, str(file))


def parse_contract(text: str, source: str = CONTRACT_FILE) -> Contract:
    """Read a contract from its text; ``source`` names it in errors. Raises ContractInvalid."""
    raw = _parsed(text, source)
    reader = _ContractReader(LineIndex(text))
    contract = None
    with suppress(_TooManyProblems):
        contract = reader.contract(raw)
    if contract is None:
        raise ContractInvalid(source, sorted(reader.problems, key=lambda problem: problem.line or 0))
    return contract


def _parsed(text: str, source: str) -> dict[str, Any]:
    """Return what a text of TOML says. Raises ContractInvalid for what is no TOML, and for what exceeds a bound."""
    if len(text) > MAX_LENGTH:
        reason = f"is longer than {MAX_LENGTH:,} characters: is it a contract?"
        raise ContractInvalid(source, [ContractProblem("", None, reason)])
    problem = _too_deep(text)
    if problem is None:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = _TOML_LINE.search(str(error))
            reason = f"is not TOML: {_TOML_LINE.sub('', str(error)).strip()}"
            problem = ContractProblem("", int(found[1]) if found else None, reason)
        except (ValueError, RecursionError) as error:
            reason = f"has a number of too many digits, or values nested too deep ({type(error).__name__})"
            problem = ContractProblem("", _line_of_long_number(text), reason)
    raise ContractInvalid(source, [problem])


def _too_deep(text: str) -> ContractProblem | None:
    """Return the problem of values that are nested, or of a key that has parts, beyond MAX_DEPTH."""
    depth = 0
    for number, line in enumerate(text.split("\n"), 1):
        if _BRACKET.search(line) is None and line.count(".") <= MAX_DEPTH:
            continue
        bare = _QUOTED.sub("", line)
        for bracket in _BRACKET.findall(bare):
            depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
            if depth > MAX_DEPTH:
                break
        if max(depth, bare.count(".")) > MAX_DEPTH:
            return ContractProblem("", number, f"has brackets or a dotted key of more than {MAX_DEPTH} levels")
    return None


def _line_of_long_number(text: str) -> int | None:
    """Return the line of the first number that is too long to be one."""
    starts = (match.start() for match in _DIGITS.finditer(text) if match.end() - match.start() > _LONGEST_NUMBER)
    start = next(starts, None)
    return None if start is None else text.count("\n", 0, start) + 1


class _TooManyProblems(Exception):
    """MAX_PROBLEMS have been found, and no more are looked for."""


class _ContractReader:
    """Walks what TOML gave, and keeps every mistake on the way."""

    def __init__(self, lines: LineIndex) -> None:
        self.problems: list[ContractProblem] = []
        self._lines = lines

    def contract(self, raw: Mapping[str, Any]) -> Contract | None:
        self._known((), raw, ("owner_role", "sides", "owners", "readers", "exceptions", "changes"))
        owner_role = self._identifier(("owner_role",), raw.get("owner_role", "schema_owner"))
        described = self._table(("sides",), raw.get("sides", {}))
        sides = [self._side(name, value) for name, value in described.items()]
        if not sides:
            self._problem(("sides",), "describe each migration system of the database in a table [sides.<name>]")
        self._require_apart(sides, owner_role)
        self._schemas = {side.name: side.schemas[0] for side in sides}
        owners = self._by_side("owners", raw, self._owned)
        readers = self._by_side("readers", raw, self._readings)
        exceptions = self._listed("exceptions", raw, self._exception)
        changes = self._listed("changes", raw, self._change)
        if self.problems:
            return None
        return Contract(tuple(sides), tuple(owners), tuple(readers), tuple(exceptions), owner_role, tuple(changes))

    def _side(self, name: str, value: Any) -> ContractSide:
        path = ("sides", name)
        given = self._table(path, value)
        self._known(path, given, _SIDE_KEYS)
        schemas = self._texts((*path, "schemas"), given.get("schemas", ["public"]))
        if not schemas:
            self._problem((*path, "schemas"), "a side lives in one schema or more")
        return ContractSide(
            name=name,
            role=self._identifier((*path, "role"), given.get("role")),
            migrations=self._text((*path, "migrations"), given["migrations"]) if "migrations" in given else None,
            kind=self._member((*path, "kind"), given.get("kind"), MigrationKind, MigrationKind.SQL),
            language=self._member((*path, "language"), given.get("language", "none"), Language, Language.NONE),
            schemas=schemas or ("public",),
            services=tuple(
                self._identifier((*path, "services"), role)
                for role in self._texts((*path, "services"), given.get("services", []))
            ),
            dump=self._text((*path, "dump"), given["dump"]) if "dump" in given else None,
            dump_through=self._through(path, given),
        )

    def _through(self, path: tuple[str, ...], given: Mapping[str, Any]) -> str | None:
        if ("dump" in given) != ("dump_through" in given):
            self._problem((*path, "dump"), "dump and dump_through go together: the dump, and the last migration in it")
        return self._text((*path, "dump_through"), given["dump_through"]) if "dump_through" in given else None

    def _require_apart(self, sides: Sequence[ContractSide], owner_role: str) -> None:
        seen = {owner_role: "the owner_role"}
        for side in sides:
            for key, roles in (("role", (side.role,)), ("services", side.services)):
                for role in filter(None, roles):
                    if role in seen:
                        reason = f"{role!r} is already {seen[role]}: each side needs roles of its own"
                        self._problem(("sides", side.name, key), reason, role)
                    seen.setdefault(role, f"a role of the side {side.name!r}")

    def _by_side(self, key: str, raw: Mapping[str, Any], read: Callable[[str, Any], list[Any]]) -> list[Any]:
        found: list[Any] = []
        for side, value in self._table((key,), raw.get(key, {})).items():
            if side in self._schemas:
                found += read(side, value)
            else:
                self._problem((key, side), f"there is no side of this name; {suggestion(side, self._schemas)}")
        return found

    def _owned(self, side: str, value: Any) -> list[Ownership]:
        path = ("owners", side)
        given = self._table(path, value)
        self._known(path, given, _KINDS)
        return [
            Ownership(side, _KINDS[key], pattern)
            for key, names in given.items()
            if key in _KINDS
            for pattern in self._patterns((*path, key), names, side)
        ]

    def _readings(self, side: str, value: Any) -> list[ReadGrant]:
        found: list[ReadGrant] = []
        for name, permitted in self._table(("readers", side), value).items():
            path = ("readers", side, name)
            # What a side reads is another's: a name without a schema is meant in the schema of that one.
            others = {schema for other, schema in self._schemas.items() if other != side}
            if "." not in name and len(others) > 1:
                self._problem(path, f"write schema.name: the other sides live in {', '.join(sorted(others))}")
            pattern = Pattern.read(name, min(others, default="public"))
            if isinstance(permitted, bool):
                found.append(ReadGrant(side, pattern, None if permitted else ()))
            elif isinstance(permitted, list):
                found.append(ReadGrant(side, pattern, self._texts(path, permitted)))
            elif isinstance(permitted, dict):
                self._known(path, permitted, _READING_KEYS)
                columns = self._texts((*path, "columns"), permitted["columns"]) if "columns" in permitted else None
                writes = self._texts((*path, "writes"), permitted.get("writes", []))
                members = {self._member((*path, "writes"), word, Write, Write.INSERT) for word in writes}
                found.append(ReadGrant(side, pattern, columns, frozenset(members)))
            else:
                self._problem(path, "true, false, a list of columns, or { columns = […], writes = […] } is expected")
        return found

    def _listed(self, key: str, raw: Mapping[str, Any], read: Callable[[tuple[str, ...], Any], _Part]) -> list[_Part]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            self._problem((key,), f"{key} are written as [[{key}]], one table each")
            return []
        return [read((key, str(number)), each) for number, each in enumerate(value)]

    def _exception(self, path: tuple[str, ...], value: Any) -> AcceptedException:
        given = self._table(path, value)
        self._known(path, given, _EXCEPTION_KEYS)
        schema = min(self._schemas.values(), default="public")
        return AcceptedException(
            pattern=Pattern.read(self._text((*path, "object"), given.get("object")), schema),
            reason=self._text((*path, "reason"), given.get("reason")),
            expires=self._day((*path, "expires"), given.get("expires")),
            rule=self._text((*path, "rule"), given["rule"]) if "rule" in given else None,
        )

    def _change(self, path: tuple[str, ...], value: Any) -> OpenChange:
        given = self._table(path, value)
        self._known(path, given, _CHANGE_KEYS)
        kind = self._member((*path, "kind"), given.get("kind"), ChangeKind, ChangeKind.DROP)
        column = self._text((*path, "column"), given.get("column"))
        parts = column.split(".")
        if len(parts) != 3:
            self._problem((*path, "column"), f"schema.table.column is expected, not {column!r}", column)
            parts = ["", "", ""]
        moves = kind in (ChangeKind.RENAME, ChangeKind.TYPE)
        if moves != ("to" in given):
            reason = "the new name is expected" if moves else f"a change of kind {kind.value!r} has no new name"
            self._problem((*path, "to"), reason)
        return OpenChange(
            schema=parts[0],
            table=parts[1],
            column=parts[2],
            kind=kind,
            to=self._text((*path, "to"), given["to"]) if "to" in given else None,
            expires=self._day((*path, "expires"), given.get("expires")),
        )

    def _day(self, path: tuple[str, ...], value: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self._problem(path, "the last day it is good for is expected, like 2027-01-31 (no quotes)")
        return date.min

    def _patterns(self, path: tuple[str, ...], value: Any, side: str) -> list[Pattern]:
        names = self._texts(path, value)
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._problem(path, f"{name!r} stands here twice", name)
        return [Pattern.read(name, self._schemas[side]) for name in names]

    def _identifier(self, path: tuple[str, ...], value: Any) -> str:
        text = self._text(path, value)
        if len(text.encode()) > MAX_NAME_BYTES:
            self._problem(path, f"{text!r} is longer than {MAX_NAME_BYTES} bytes, the most a name may have", text)
        if text.startswith("pg_") or text in {"public", "none"}:
            self._problem(path, f"{text!r} is a name that PostgreSQL keeps for itself", text)
        return text

    def _member(self, path: tuple[str, ...], value: Any, enum: type[_EnumT], otherwise: _EnumT) -> _EnumT:
        known = [str(member.value) for member in enum]
        if value in known:
            return enum(value)
        hint = suggestion(value, known) if isinstance(value, str) else f"known are {', '.join(map(repr, known))}"
        self._problem(path, f"{value!r} is not one; {hint}" if value is not None else f"is missing; {hint}", value)
        return otherwise

    def _text(self, path: tuple[str, ...], value: Any) -> str:
        if _is_text(value):
            return str(value)
        self._problem(path, "is missing" if value is None else "a text that is not empty is expected", value)
        return ""

    def _texts(self, path: tuple[str, ...], value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and all(map(_is_text, value)):
            return tuple(value)
        self._problem(path, 'a list of names is expected, like ["price", "coin"]')
        return ()

    def _table(self, path: tuple[str, ...], value: Any) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._problem(path, "a table is expected")
        return {}

    def _known(self, path: tuple[str, ...], given: Mapping[str, Any], known: Sequence[str] | Mapping[str, Any]) -> None:
        for key in given:
            if key not in known:
                self._problem((*path, key), f"is not a key here; {suggestion(key, known)}")

    def _problem(self, path: tuple[str, ...], reason: str, value: object = None) -> None:
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(ContractProblem("", None, f"has more mistakes than these {MAX_PROBLEMS}"))
            raise _TooManyProblems
        self.problems.append(ContractProblem(".".join(path), self._lines.of(path, value), reason))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\x00" not in value
