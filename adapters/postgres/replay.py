"""Applies histories of migrations to an empty database, to see what they make: no bookkeeping, no locks, no retries."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
from attrs import evolve

from strongroom.domain.errors import StrongroomError

from .migrator.files import Migration, Side
from .migrator.order import plan
from .migrator.sql_text import statements

_HEADER: Final = re.compile(r"--\s*(requires|strongroom):\s*(\S.*?)\s*")
_EXTENSION: Final = re.compile(r"\s*CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?([\w-]+)\"?", re.IGNORECASE)
_ALONE: Final = re.compile(r"\bCONCURRENTLY\b|\bALTER\s+TYPE\b.*\bADD\s+VALUE\b", re.IGNORECASE | re.DOTALL)
_UNAVAILABLE: Final = {"0A000", "58P01"}


class ReplayFailed(StrongroomError):
    """A migration cannot be applied from nothing; ``extension`` names one that the server lacks, where that is why."""

    def __init__(self, migration: str, line: int, reason: str, *, extension: str | None = None) -> None:
        self.migration = migration
        self.line = line
        self.reason = reason
        self.extension = extension
        super().__init__(f"{migration}, line {line}: {reason}" if line else f"{migration}: {reason}")


def read_history(folder: Path, side: Side) -> tuple[Migration, ...]:
    """Read a history whatever its names: Prisma's folders (below ``migrations``, where there is one), or SQL files.

    They come in the order of their names. Raises ReplayFailed for a folder that holds none, and for no UTF-8.
    """
    if side is Side.FRONTEND:
        within = folder / "migrations" if (folder / "migrations").is_dir() else folder
        files = [(path.parent.name, path) for path in within.glob("*/migration.sql")]
    else:
        files = [(path.stem, path) for path in folder.glob("*.sql")]
    if not files:
        expected = "folders with a migration.sql" if side is Side.FRONTEND else "SQL files"
        raise ReplayFailed(str(folder), 0, f"there is no history here: {expected} are expected")
    return tuple(_read(side, name, path) for name, path in sorted(files))


def from_dump(history: Sequence[Migration], dump: Path, through: str) -> tuple[Migration, ...]:
    """Return a history that begins with a schema dump, in place of its migrations up to and with one of them.

    Raises ReplayFailed for a migration that is not there, and a dump that cannot be read.
    """
    names = [migration.name for migration in history]
    if through not in names:
        raise ReplayFailed(str(dump), 0, f"there is no migration {through}: there are {', '.join(names)}")
    last = history[names.index(through)]
    try:
        text = dump.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayFailed(str(dump), 0, f"the dump cannot be read: {error}") from None
    # Lines with a backslash are commands of psql, which pg_dump writes around its own text.
    sql = "\n".join("" if line.startswith("\\") else line for line in text.splitlines())
    stands_for = evolve(last, path=dump, sql=sql, requires=(), in_transaction=True)
    return (stands_for, *history[names.index(through) + 1 :])


def in_order(histories: Iterable[Sequence[Migration]]) -> list[Migration]:
    """Return all migrations in the order in which they are applied. Raises MigrationFileInvalid for a circle."""
    return plan([migration for history in histories for migration in history])


async def replay(connection: "asyncpg.Connection[Any]", migrations: Iterable[Migration]) -> None:
    """Apply migrations in their order, each whole or not at all. Raises ReplayFailed."""
    for migration in migrations:
        await apply_one(connection, migration)


async def apply_one(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Apply a migration, statement by statement where one of them has to stand alone. Raises ReplayFailed."""
    found = statements(migration.sql)
    alone = any(stands_alone(migration, statement.text) for statement in found)
    transaction = None if alone else connection.transaction()
    if transaction is not None:
        await transaction.start()
    try:
        for statement in found:
            try:
                await connection.execute(statement.text)
            except asyncpg.PostgresError as error:
                raise failed(migration, statement.text, statement.line, error) from None
    except BaseException:
        if transaction is not None:
            await transaction.rollback()
        raise
    if transaction is not None:
        await transaction.commit()
    await connection.execute("RESET ALL")  # what a migration, or a dump, sets is its own


def stands_alone(migration: Migration, statement: str) -> bool:
    """Say whether a statement has to run outside a transaction, or apart from those that use what it makes."""
    return not migration.in_transaction or _ALONE.search(statement) is not None


def failed(migration: Migration, text: str, line: int, error: asyncpg.PostgresError) -> ReplayFailed:
    """Return what a statement's failure means: what is wrong and where, or which extension the server lacks."""
    position = getattr(error, "position", None)
    if position:
        line += text.count("\n", 0, int(position) - 1)
    extension = _EXTENSION.match(text)
    if extension and error.sqlstate in _UNAVAILABLE:
        name = extension[1]
        reason = (
            f"the scratch server lacks the extension {name}: replay on a server that has it (--scratch URL); "
            "this is no drift"
        )
        return ReplayFailed(migration.label, line, reason, extension=name)
    return ReplayFailed(migration.label, line, f"{error.message} (SQLSTATE {error.sqlstate})")


def _read(side: Side, name: str, path: Path) -> Migration:
    try:
        sql = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ReplayFailed(str(path), 0, f"the file is not UTF-8 (byte {error.start})") from None
    headers = [match for line in sql.splitlines() if (match := _HEADER.fullmatch(line))]
    requires = [name.strip() for match in headers if match[1] == "requires" for name in match[2].split(",")]
    options = [match[2] for match in headers if match[1] == "strongroom"]
    return Migration(
        side=side,
        name=name,
        path=path,
        sql=sql,
        requires=tuple(requires),
        in_transaction="no-transaction" not in options,
    )
