"""One migration applied over a connection that holds the locks: in a transaction, or statement by statement."""

import re
from contextlib import suppress
from typing import Any, Final

import asyncpg

from strongroom.ports.errors import StorageUnavailable

from .errors import MigrationFailed
from .files import Migration
from .history import record_finished, record_started
from .sql_text import Statement

LOCKED_OUT: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""What a migration is tried again for: somebody else holds a lock that it needs."""
_LOST: Final = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, OSError)
_END_WITH_THE_CLIENT: Final = "SET client_connection_check_interval = '1s'"
"""Has the server end a statement, and give its locks back, when the migrator's process dies (not on every platform)."""
_AS_CONNECTED: Final = "RESET ALL; RESET SESSION AUTHORIZATION; RESET ROLE"
"""Undoes what a file has set for its session (a search path, a role): neither the history nor the next file sees it."""
_NAME: Final = r'(?:"(?:[^"]|"")+"|\w+)'
_INDEX: Final = re.compile(
    r"create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"
    rf"(?P<index>{_NAME})\s+on\s+(?:only\s+)?(?P<table>{_NAME}(?:\.{_NAME})?)",
    re.IGNORECASE,
)
_INVALID_INDEX: Final = """
    SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', indexrelid::regclass)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT indisvalid AND indrelid = to_regclass($1) AND relname = (parse_ident($2))[1]::name
"""
_PASSWORD: Final = re.compile(r"(?i)(\bpassword\s+)(?:e?'(?:[^']|'')*'?|\$.*)")


async def apply(
    connection: "asyncpg.Connection[Any]", migration: Migration, *, lock_timeout: float, patience: float
) -> int:
    """Apply a migration, record it, and return how long it took, in milliseconds.

    ``lock_timeout`` is how many seconds it may queue for a table's lock in front of live traffic, ``patience`` how
    many it may wait where it holds nobody up. Raises MigrationFailed, StorageUnavailable, and LOCKED_OUT's as they are.
    """
    with suppress(asyncpg.InvalidParameterValueError):
        await connection.execute(_END_WITH_THE_CLIENT)
    try:
        if migration.in_transaction:
            return await _whole(connection, migration, lock_timeout)
        return await _one_by_one(connection, migration, lock_timeout, patience)
    except (*_LOST, asyncpg.InterfaceError):
        if not connection.is_closed():
            raise
        again = "nothing of it is kept" if migration.in_transaction else "what it has done is kept"
        message = f"the connection was lost while {migration.label} was applied; {again}: migrate again"
        raise StorageUnavailable(message) from None


async def _whole(connection: "asyncpg.Connection[Any]", migration: Migration, lock_timeout: float) -> int:
    try:
        async with connection.transaction():
            await connection.execute(_limits("SET LOCAL", lock_timeout))
            await record_started(connection, migration)
            for statement in migration.statements:
                await _run(connection, migration, statement)
            await connection.execute(_AS_CONNECTED)
            return await record_finished(connection, migration)
    except (*LOCKED_OUT, *_LOST):
        raise
    except asyncpg.PostgresError as error:
        message = f"{migration.label}, when it was committed: {_words(error)}; nothing of the file is kept"
        raise MigrationFailed(message) from None


async def _one_by_one(
    connection: "asyncpg.Connection[Any]", migration: Migration, lock_timeout: float, patience: float
) -> int:
    """Run each statement on its own; what an earlier CREATE INDEX CONCURRENTLY left invalid is dropped first."""
    await record_started(connection, migration)
    try:
        for statement in migration.statements:
            index = _INDEX.match(statement.text)
            await connection.execute(_limits("SET", patience if index else lock_timeout))
            if index is not None:
                for drop in await connection.fetch(_INVALID_INDEX, index["table"], index["index"]):
                    await connection.execute(drop[0])
            await _run(connection, migration, statement)
    finally:
        if not connection.is_closed():
            await connection.execute(_AS_CONNECTED)
    return await record_finished(connection, migration)


async def _run(connection: "asyncpg.Connection[Any]", migration: Migration, statement: Statement) -> None:
    try:
        await connection.execute(statement.text)
    except (*LOCKED_OUT, *_LOST):
        raise
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = statement.line + (statement.text.count("\n", 0, int(position) - 1) if position else 0)
        kept = "nothing of the file is kept" if migration.in_transaction else "the statements before it are kept"
        shown = _PASSWORD.sub(r"\1'***'", statement.text.splitlines()[0])
        message = f"{migration.label}, line {line}: {_words(error)} in «{shown}»; {kept}"
        raise MigrationFailed(message) from None


def _limits(command: str, lock_timeout: float) -> str:
    """Return what bounds the waiting for locks, and nothing else: a role's own limits are meant for queries."""
    return (
        f"{command} lock_timeout = '{max(1, round(lock_timeout * 1000))}ms'; "
        f"{command} statement_timeout = 0; {command} idle_in_transaction_session_timeout = 0"
    )


def _words(error: asyncpg.PostgresError) -> str:
    return f"{'; '.join(str(error).splitlines())} (SQLSTATE {error.sqlstate})"
