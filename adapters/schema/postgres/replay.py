"""Applies histories of migrations to an empty database, to see what they make: no bookkeeping, no locks, no retries."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import asyncpg
from attrs import evolve

from strongroom.adapters.embedded.scratch import WAITING_SCHEMA
from strongroom.adapters.postgres.connection import CREATION_SEARCH_PATH
from strongroom.adapters.postgres.migrator.errors import MigrationFileInvalid
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.migrator.order import migration_order
from strongroom.adapters.postgres.migrator.sql_text import Script, SqlStatement, scan, split_statements
from strongroom.adapters.quoting import quote_identifier
from strongroom.adapters.regular_files import read_regular_file
from strongroom.ports.progress import track
from strongroom.ports.schema.errors import ReplayFailed

_NAME: Final = r'"(?:[^"]|"")+"|[\w-]+'
_EXTENSION: Final = re.compile(
    rf"CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_NAME})(?:\s+WITH)?(?:\s+SCHEMA\s+(?P<schema>{_NAME}))?",
    re.IGNORECASE,
)
_DENIED: Final = "42501"
_WAITING: Final = """
    SELECT EXISTS (SELECT FROM pg_catalog.pg_extension AS extension
        JOIN pg_catalog.pg_namespace AS place ON place.oid OPERATOR(pg_catalog.=) extension.extnamespace
        WHERE extension.extname OPERATOR(pg_catalog.=) $1::text::name
        AND place.nspname OPERATOR(pg_catalog.=) $2::text::name)
"""
_CURRENT_SCHEMA: Final = "SELECT pg_catalog.current_schema()::text"
_UNAVAILABLE: Final = {"0A000", "58P01"}
_ROLE_STATEMENTS: Final = re.compile(r'(?:role|schema) ".*" does not exist')


def read_migration_folder(folder: Path, side: Side, history: str | None = None) -> tuple[Migration, ...]:
    """Read a history with any naming scheme: Prisma's folders (below ``migrations``, if it exists), or SQL files.

    They come in the order of their names; ``history`` names it, if it is not the side's own. Raises ReplayFailed for a
    folder that holds none, and for no UTF-8.
    """
    if side is Side.FRONTEND:
        within = folder / "migrations" if (folder / "migrations").is_dir() else folder
        files = [(path.parent.name, path) for path in within.glob("*/migration.sql")]
    else:
        files = [(path.stem, path) for path in folder.glob("*.sql")]
    if not files:
        expected = "folders with a migration.sql" if side is Side.FRONTEND else "SQL files"
        raise ReplayFailed(str(folder), 0, f"there is no history here: {expected} are expected")
    return tuple(_read(side, history or side.value, name, path) for name, path in sorted(files))


def start_from_dump(history: Sequence[Migration], dump: Path, through: str) -> tuple[Migration, ...]:
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
    sql = "\n".join("" if line.startswith("\\") else line for line in text.split("\n"))
    _require_readable(dump, sql)
    # All that is replayed has one owner.
    owners = {
        one.text
        for one in split_statements(sql)
        if one.words[:1] == ("alter",) and ("owner", "to") in pairwise(one.words)
    }
    sql = "\n".join("" if line.rstrip(";") in owners else line for line in sql.split("\n"))
    stands_for = evolve(last, path=dump, sql=sql, requires=(), in_transaction=True)
    return (stands_for, *history[names.index(through) + 1 :])


def replay_order(histories: Iterable[Sequence[Migration]]) -> list[Migration]:
    """Return all migrations in the order in which they are applied. Raises MigrationFileInvalid for a circle."""
    return migration_order([migration for history in histories for migration in history])


async def replay(connection: "asyncpg.Connection[Any]", migrations: Iterable[Migration]) -> None:
    """Apply migrations in their order, each whole or not at all. Raises ReplayFailed."""
    found = list(migrations)
    for migration in track("replay", found, len(found)):
        await replay_migration(connection, migration)


async def replay_migration(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Apply a migration, statement by statement if a statement has to run on its own. Raises ReplayFailed."""
    found = migration.statements
    alone = any(runs_outside_transaction(migration, statement) for statement in found)
    transaction = None if alone else connection.transaction()
    if transaction is not None:
        await transaction.start()
    await connection.execute(f"SET search_path = {CREATION_SEARCH_PATH}")
    try:
        for statement in found:
            try:
                await apply_statement(connection, migration, statement)
            except asyncpg.PostgresError as error:
                raise explain_failure(migration, statement, error) from None
    except BaseException:
        if transaction is not None and not connection.is_closed():
            await transaction.rollback()
        raise
    if transaction is not None:
        await transaction.commit()
    await connection.execute("RESET ALL")  # what a migration, or a dump, sets is its own


async def apply_statement(connection: "asyncpg.Connection[Any]", migration: Migration, statement: SqlStatement) -> None:
    """Execute a statement of a migration. Raises ReplayFailed if it cannot be replayed, and asyncpg's errors."""
    words = statement.words
    if words[:1] == ("copy",) and ("from", "stdin") in pairwise(words):
        reason = "COPY … FROM STDIN reads rows that a file of statements does not hold: write INSERT"
        raise ReplayFailed(migration.label, statement.line, reason)
    if created := _EXTENSION.match(statement.text):
        await _create_extension(connection, statement.text, created)
    else:
        await _execute_single(connection, statement.text)


def extensions_of(migrations: Iterable[Migration]) -> frozenset[str]:
    """Return the names of the extensions that migrations create."""
    texts = (statement.text for migration in migrations for statement in migration.statements)
    return frozenset(_folded(found["name"]) for text in texts if (found := _EXTENSION.match(text)))


def runs_outside_transaction(migration: Migration, statement: SqlStatement) -> bool:
    """Return whether a statement has to run outside a transaction, or apart from those that use what it makes."""
    words = statement.words
    adds_value = words[:2] == ("alter", "type") and ("add", "value") in pairwise(words)
    return not migration.in_transaction or "concurrently" in words or words[:1] == ("vacuum",) or adds_value


def explain_failure(migration: Migration, statement: SqlStatement, error: asyncpg.PostgresError) -> ReplayFailed:
    """Return what a statement's failure means: what is wrong and where, or which extension the server lacks."""
    text, line = statement.text, statement.line
    position = getattr(error, "position", None)
    if position:
        line += text.count("\n", 0, int(position) - 1)
    extension = _EXTENSION.match(text)
    if extension and error.sqlstate in _UNAVAILABLE:
        name = _folded(extension["name"])
        reason = (
            f"the scratch server lacks the extension {name}: replay on a server that has it (--scratch URL); "
            "this is no drift"
        )
        return ReplayFailed(migration.label, line, reason, extension=name)
    reason = f"{error.message} (SQLSTATE {error.sqlstate})"  # type: ignore[attr-defined, unused-ignore]
    if error.sqlstate == _DENIED:
        reason += (
            ": the role that applies migrations to a scratch database has no rights beyond it. Replay a history that "
            "needs more on a server of yours, as a user that has them (--scratch URL)"
        )
    elif _ROLE_STATEMENTS.fullmatch(str(error.message)):  # type: ignore[attr-defined, unused-ignore]
        reason += ": where others make it, begin with a dump that has it (dump and dump_through in the side's contract)"
    return ReplayFailed(migration.label, line, reason)


async def _create_extension(connection: "asyncpg.Connection[Any]", sql: str, created: re.Match[str]) -> None:
    """Create an extension, or move it to the statement's schema if it waits in the scratch database."""
    name = _folded(created["name"])
    waits = await connection.fetchval(_WAITING, name, WAITING_SCHEMA)
    schema = _folded(created["schema"]) if created["schema"] else await connection.fetchval(_CURRENT_SCHEMA)
    if waits and schema is not None:
        await connection.fetch(f"ALTER EXTENSION {quote_identifier(name)} SET SCHEMA {quote_identifier(schema)}")
    else:
        await _execute_single(connection, sql)


async def _execute_single(connection: "asyncpg.Connection[Any]", sql: str) -> None:
    """Execute one statement; text that the server reads as several is refused before any of them runs."""
    if ";" in sql:
        await connection.prepare(sql, name="")  # the server parses it by the protocol that takes one command
    await connection.execute(sql)


def _folded(name: str) -> str:
    """Return a name as PostgreSQL takes it: in lower case, unless it stands in double quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _read(side: Side, history: str, name: str, path: Path) -> Migration:
    try:
        sql = read_regular_file(path).decode()
    except OSError as error:
        raise ReplayFailed(str(path), 0, f"the file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ReplayFailed(str(path), 0, f"the file is not UTF-8 (byte {error.start})") from None
    headers = _require_readable(path, sql).headers
    requires = [part.strip() for one in headers if one.name == "requires" for part in one.value.split(",")]
    options = [one.value for one in headers if one.name == "strongroom"]
    return Migration(
        side=side,
        name=name,
        path=path,
        sql=sql,
        requires=tuple(filter(None, requires)),
        in_transaction="no-transaction" not in options,
        history=history,
    )


def _require_readable(path: Path, sql: str) -> Script:
    """Return the contents of a text. Raises ReplayFailed for a text with too many statements."""
    try:
        return scan(sql)
    except MigrationFileInvalid as error:
        raise ReplayFailed(str(path), 0, str(error)) from None
