"""One migration applied over a connection that holds the locks: in a transaction, or statement by statement."""

import re
from contextlib import suppress
from typing import Any, Final

import asyncpg

from strongroom.ports.errors import StorageUnavailable

from ..connection import CREATION_SEARCH_PATH
from ..driver import CLIENT_ERRORS
from ..violations import explain_violation
from .errors import MigrationFailed
from .files import Migration
from .history import record_finished, record_started
from .refusals import explain_refusal
from .sql_text import SqlStatement

LOCK_ERRORS: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""What a migration is tried again for: somebody else holds a lock that it needs."""
_CONNECTION_LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)
_CHECK_CLIENT: Final = "SET client_connection_check_interval = '1s'"
"""Has the server end a statement, and give its locks back, when the migrator's process dies (not on every platform)."""
_RESET_SESSION: Final = "RESET ALL; RESET SESSION AUTHORIZATION; RESET ROLE"
"""Undoes what was set for a file, or by it (a search path, a role): neither the history nor the next file sees it."""
_NAME: Final = r'(?:"(?:[^"]|"")+"|\w+)'
_INDEX: Final = re.compile(
    r"create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"
    rf"(?P<index>{_NAME})\s+on\s+(?:only\s+)?(?P<table>{_NAME}(?:\.{_NAME})?)",
    re.IGNORECASE,
)
_INVALID_INDEX: Final = """
    SELECT pg_catalog.format('DROP INDEX CONCURRENTLY IF EXISTS %s', indexrelid::pg_catalog.regclass)
    FROM pg_catalog.pg_index JOIN pg_catalog.pg_class AS own ON own.oid OPERATOR(pg_catalog.=) indexrelid
    WHERE NOT indisvalid AND indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
        AND relname OPERATOR(pg_catalog.=) (pg_catalog.parse_ident($2))[1]::pg_catalog.name
"""
_PASSWORD: Final = re.compile(r"\bpassword\b", re.IGNORECASE)
_QUOTE: Final = re.compile(r"['$]")
_SHOWN_LENGTH: Final = 200
_TRANSACTION_NUMBER: Final = "SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text"
_TRANSACTION_STATUS: Final = "SELECT pg_catalog.pg_xact_status($1::pg_catalog.text::pg_catalog.xid8)"


class _StatementRefused(Exception):
    """The server refused a statement; the text says where and why, and not yet what is kept.

    Its cause is the server's error, if there is one, and ``sql`` what the server refused.
    """

    def __init__(self, message: str, sql: str = "") -> None:
        super().__init__(message)
        self.sql = sql


async def apply_migration(
    connection: "asyncpg.Connection[Any]", migration: Migration, *, lock_timeout: float, wait_timeout: float
) -> int:
    """Apply a migration, record it, and return how long it took, in milliseconds.

    ``lock_timeout`` is how many seconds it may queue for a table's lock in front of live traffic, ``wait_timeout`` how
    many it may wait where it holds nobody up. Raises MigrationFailed, StorageUnavailable, and LOCK_ERRORS.
    """
    with suppress(asyncpg.InvalidParameterValueError):
        await connection.execute(_CHECK_CLIENT)
    if migration.in_transaction:
        return await _apply_in_transaction(connection, migration, lock_timeout)
    try:
        return await _apply_statements(connection, migration, lock_timeout, wait_timeout)
    except (*_CONNECTION_LOST, *CLIENT_ERRORS) as error:
        raise _lost(connection, migration, error, "what it has done is kept") from None


async def _apply_in_transaction(
    connection: "asyncpg.Connection[Any]", migration: Migration, lock_timeout: float
) -> int:
    """Apply a migration in one transaction, and ask the server what became of that if something fails."""
    transaction = connection.transaction()
    number = ""
    try:
        await transaction.start()
        number = await connection.fetchval(_TRANSACTION_NUMBER)
        took = await _run_all(connection, migration, lock_timeout, number)
    except BaseException as error:  # noqa: BLE001 - told from one another below, and raised
        if not connection.is_closed():
            await transaction.rollback()
        raise await _explained(connection, migration, error, number) from None
    try:
        await transaction.commit()
    except (*LOCK_ERRORS, *_CONNECTION_LOST, *CLIENT_ERRORS) as error:
        raise _lost(connection, migration, error, "the server keeps it as a whole, or not at all") from None
    except asyncpg.PostgresError as error:
        message = f"{migration.label}, when it was committed: {_error_text(error)}; nothing of the file is kept"
        raise MigrationFailed(message) from None
    return took


async def _run_all(
    connection: "asyncpg.Connection[Any]", migration: Migration, lock_timeout: float, number: str
) -> int:
    await connection.execute(_lock_timeout_sql("SET LOCAL", lock_timeout))
    await record_started(connection, migration)
    await connection.execute(f"SET LOCAL search_path = {CREATION_SEARCH_PATH}")
    statements = migration.statements
    for statement in statements:
        await _run(connection, statement)
        await _require_same_transaction(connection, statement, None)
    await connection.execute(_RESET_SESSION)
    for statement in statements[-1:]:
        await _require_same_transaction(connection, statement, number)
    return await record_finished(connection, migration)


async def _explained(
    connection: "asyncpg.Connection[Any]", migration: Migration, error: BaseException, number: str
) -> BaseException:
    """Return what a failure within a migration's transaction means, once that is rolled back."""
    if isinstance(error, LOCK_ERRORS):
        return error
    if isinstance(error, (*_CONNECTION_LOST, *CLIENT_ERRORS)):
        return _lost(connection, migration, error, "nothing of it is kept")
    if isinstance(error, _StatementRefused):
        said = str(error)
        meaning = await _meaning(connection, error)
    elif isinstance(error, asyncpg.PostgresError):
        said = f"when it was recorded: {_error_text(error)}"
        meaning = await explain_refusal(connection, error)
    else:
        return error
    return MigrationFailed(f"{migration.label}, {said}; {await _what_is_kept(connection, number)}{meaning}")


async def _meaning(connection: "asyncpg.Connection[Any]", refused: _StatementRefused) -> str:
    """Return what a refusal means, of a privilege or by a check, as a sentence to end a message with, or nothing."""
    error = refused.__cause__
    if not isinstance(error, asyncpg.PostgresError):
        return ""
    return await explain_violation(connection, error) or await explain_refusal(connection, error, refused.sql)


def _lost(
    connection: "asyncpg.Connection[Any]", migration: Migration, error: BaseException, kept: str
) -> BaseException:
    """Return what a lost connection means; an error of a connection that is open is returned as it is."""
    if not connection.is_closed():
        return error
    return StorageUnavailable(f"the connection was lost while {migration.label} was applied; {kept}: migrate again")


async def _require_same_transaction(
    connection: "asyncpg.Connection[Any]", statement: SqlStatement, number: str | None
) -> None:
    """Raise _StatementRefused if the file's transaction has ended; with a number, also if it is another one."""
    same = connection.is_in_transaction()
    if same and number is not None:
        same = await connection.fetchval(_TRANSACTION_NUMBER) == number
    if not same:
        message = f"line {statement.line}: «{_shown(statement)}» or one before it ended the migration's transaction"
        raise _StatementRefused(message)


async def _what_is_kept(connection: "asyncpg.Connection[Any]", number: str) -> str:
    """Return what of a file is kept, by what the server says of the transaction that it was given."""
    status = await connection.fetchval(_TRANSACTION_STATUS, number) if number else "aborted"
    if status == "aborted":
        return "nothing of the file is kept"
    return (
        f"the file ended its own transaction, which is {status}: what stands before that is kept. See to it, then run "
        "'strongroom migrate --repair'"
    )


async def _apply_statements(
    connection: "asyncpg.Connection[Any]", migration: Migration, lock_timeout: float, wait_timeout: float
) -> int:
    """Run each statement on its own; what an earlier CREATE INDEX CONCURRENTLY left invalid is dropped first."""
    await record_started(connection, migration)
    try:
        await connection.execute(f"SET search_path = {CREATION_SEARCH_PATH}")
        for statement in migration.statements:
            index = _INDEX.match(statement.text)
            await connection.execute(_lock_timeout_sql("SET", wait_timeout if index else lock_timeout))
            if index is not None:
                for drop in await connection.fetch(_INVALID_INDEX, index["table"], index["index"]):
                    await connection.execute(drop[0])
            await _run(connection, statement)
    except _StatementRefused as error:
        message = f"{migration.label}, {error}; the statements before it are kept{await _meaning(connection, error)}"
        raise MigrationFailed(message) from None
    finally:
        if not connection.is_closed():
            await connection.execute(_RESET_SESSION)
    return await record_finished(connection, migration)


async def _run(connection: "asyncpg.Connection[Any]", statement: SqlStatement) -> None:
    """Run a statement; the extended protocol takes one command alone, so no other hides behind a semicolon in it."""
    try:
        if ";" in statement.text:
            await connection.fetch(statement.text)
        else:
            await connection.execute(statement.text)
    except (*LOCK_ERRORS, *_CONNECTION_LOST):
        raise
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = statement.line + (statement.text.count("\n", 0, int(position) - 1) if position else 0)
        message = f"line {line}: {_error_text(error)} in «{_shown(statement)}»"
        raise _StatementRefused(message, statement.text) from error


def _shown(statement: SqlStatement) -> str:
    """Return a statement's first line as a message shows it: shortened, and without a password."""
    first, _, _ = statement.text.partition("\n")
    shown = first[:_SHOWN_LENGTH]
    named = _PASSWORD.search(shown)
    quoted = named and _QUOTE.search(shown, named.end())
    return f"{shown[: quoted.start()]}'***'" if quoted else shown


def _lock_timeout_sql(command: str, lock_timeout: float) -> str:
    """Return what bounds the waiting for locks, and nothing else: a role's own limits are meant for queries."""
    return (
        f"{command} lock_timeout = '{max(1, round(lock_timeout * 1000))}ms'; "
        f"{command} statement_timeout = 0; {command} idle_in_transaction_session_timeout = 0"
    )


def _error_text(error: asyncpg.PostgresError) -> str:
    return f"{'; '.join(str(error).splitlines())} (SQLSTATE {error.sqlstate})"
