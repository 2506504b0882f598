"""The migrator: looks without a lock, applies under the locks of both migrators, one file at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import asyncpg
from attrs import frozen

from strongroom import migrations as shipped

from ..connecting import connect, redacted, require_version
from ..locks import pause, try_lock, unlock
from .errors import MigrationBlocked, MigrationFailed
from .files import Migration, Side, load_migrations
from .history import accept_text, create_tables, forget_failure, read_history, record_finished, record_started
from .order import plan
from .sql_text import Statement
from .status import MigrationStatus, State, compare, pending, require_up_to_date

_END_WITH_THE_CLIENT: Final = "SET client_connection_check_interval = '1s'"
"""Has the server end a statement, and give its locks back, when the migrator's process dies (not on every platform)."""
_LOCKED_OUT: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
_INVALID_INDEXES: Final = """
    SELECT format('DROP INDEX IF EXISTS %s', indexrelid::regclass)
    FROM pg_index WHERE NOT indisvalid AND indexrelid::regclass::text = ANY($1)
"""


@frozen
class MigrationReport:
    """What a run did (or, dry, would do): names with milliseconds, in order; callers expire cached plans if any."""

    applied: tuple[tuple[str, int], ...]
    already_applied: int
    dry_run: bool = False


class Migrator:
    """Applies the migrations of two folders to one database, by a direct address (never through a pooler)."""

    def __init__(  # noqa: PLR0913 - every time it waits is a setting
        self,
        url: str,
        *,
        backend: Path | None = None,
        frontend: Path | None = None,
        lock_timeout: float = 1.0,
        attempts: int = 20,
        patience: float = 300.0,
        connect_timeout: float = 10.0,
    ) -> None:
        """Set the times, in seconds: for a table's lock in one try, for all of a run, and to connect.

        The shipped migrations are meant where no folder is given.
        """
        self._url = url
        self._folders = (
            backend or shipped.backend_folder(),
            frontend or (None if backend else shipped.frontend_folder()),
        )
        self._lock_timeout = lock_timeout
        self._attempts = attempts
        self._patience = patience
        self._connect_timeout = connect_timeout

    def __repr__(self) -> str:
        return f"Migrator({redacted(self._url)!r})"

    async def status(self) -> list[MigrationStatus]:
        """Return how every migration stands. Raises MigrationFileInvalid."""
        ordered = self._ordered()
        async with self._connection() as connection:
            return compare(ordered, await read_history(connection))

    async def require_up_to_date(self) -> None:
        """Raise the SchemaMismatch that says how code and database differ, if they do."""
        require_up_to_date(await self.status())

    async def migrate(self, *, dry_run: bool = False) -> MigrationReport:
        """Apply what is pending, each file in a transaction of its own, and report it.

        Any number of processes may do so at once: each file is applied by one of them. Raises a SchemaMismatch where
        files and database contradict each other, MigrationFailed, MigrationBlocked, StorageUnavailable.
        """
        ordered = self._ordered()
        deadline = time.monotonic() + self._patience
        done: list[tuple[str, int]] = []
        waiting: list[Migration] = []
        async with self._connection() as connection:
            for attempt in range(10**9):
                waiting = pending(compare(ordered, await read_history(connection)))
                if not waiting or dry_run:
                    break
                if not await try_lock(connection):
                    if time.monotonic() > deadline:
                        message = f"another migrator held its lock for over {self._patience:.0f} s: see what it does"
                        raise MigrationBlocked(message)
                    await asyncio.sleep(pause(attempt))
                    continue
                try:
                    done += await self._apply_next(connection, ordered)
                finally:
                    await unlock(connection)
        would = tuple((migration.label, 0) for migration in waiting)
        return MigrationReport(would if dry_run else tuple(done), len(ordered) - len(would) - len(done), dry_run)

    async def repair(self) -> list[str]:
        """Accept the present text of changed files as applied, forget unfinished ones, and say what was done.

        For an operator who has seen to it that the database is what the files say; what a file without a transaction
        left behind stays. Files that are gone, ahead or out of order are left as they are.
        """
        ordered = self._ordered()
        done: list[str] = []
        async with self._connection() as connection:
            deadline = time.monotonic() + self._patience
            attempt = 0
            while not await try_lock(connection):
                attempt += 1
                if time.monotonic() > deadline:
                    message = f"another migrator held its lock for over {self._patience:.0f} s: see what it does"
                    raise MigrationBlocked(message)
                await asyncio.sleep(pause(attempt))
            try:
                async with connection.transaction():
                    for status in compare(ordered, await read_history(connection)):
                        if status.state is State.CHANGED and status.migration is not None:
                            await accept_text(connection, status.migration)
                            done.append(f"{status.label}: its present text now counts as the one that was applied")
                        elif status.state is State.HALF_APPLIED and status.migration is not None:
                            await forget_failure(connection, status.migration)
                            done.append(f"{status.label}: will be applied from its start")
            finally:
                await unlock(connection)
        return done

    def _ordered(self) -> list[Migration]:
        backend, frontend = self._folders
        return plan(load_migrations(backend, frontend))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        connection = await connect(self._url, timeout=self._connect_timeout, statement_cache_size=0)
        try:
            require_version(self._url, connection.get_server_version().major)
            with suppress(asyncpg.InvalidParameterValueError):
                await connection.execute(_END_WITH_THE_CLIENT)
            yield connection
        finally:
            await connection.close(timeout=5)

    async def _apply_next(
        self, connection: "asyncpg.Connection[Any]", ordered: Sequence[Migration]
    ) -> list[tuple[str, int]]:
        """Apply the first pending file, under the locks; another process may have been faster."""
        waiting = pending(compare(ordered, await read_history(connection)))
        if not waiting:
            return []
        await create_tables(connection, {migration.side for migration in ordered} | {Side.BACKEND})
        migration = waiting[0]
        for attempt in range(self._attempts):
            try:
                if migration.in_transaction:
                    return [(migration.label, await self._in_transaction(connection, migration))]
                return [(migration.label, await self._one_by_one(connection, migration))]
            except _LOCKED_OUT:
                await asyncio.sleep(pause(attempt, longest=self._lock_timeout * 2))
        message = (
            f"{migration.label} needs a lock that others held through {self._attempts} tries: "
            "end the long transactions (pg_stat_activity shows them) and migrate again"
        )
        raise MigrationBlocked(message)

    async def _in_transaction(self, connection: "asyncpg.Connection[Any]", migration: Migration) -> int:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{self._lock_timeout}s'")
            await record_started(connection, migration)
            for statement in migration.statements:
                await _run(connection, migration, statement)
            return await record_finished(connection, migration)

    async def _one_by_one(self, connection: "asyncpg.Connection[Any]", migration: Migration) -> int:
        """Run each statement on its own; what a failed CREATE INDEX CONCURRENTLY left invalid is dropped first."""
        await record_started(connection, migration)
        words = sorted({word.strip('"();,') for statement in migration.statements for word in statement.text.split()})
        for drop in await connection.fetch(_INVALID_INDEXES, words):
            await connection.execute(drop[0])
        await connection.execute(f"SET lock_timeout = '{self._lock_timeout}s'")
        try:
            for statement in migration.statements:
                await _run(connection, migration, statement)
        finally:
            await connection.execute("RESET lock_timeout")
        return await record_finished(connection, migration)


async def _run(connection: "asyncpg.Connection[Any]", migration: Migration, statement: Statement) -> None:
    try:
        await connection.execute(statement.text)
    except _LOCKED_OUT:
        raise
    except asyncpg.PostgresError as error:
        position = getattr(error, "position", None)
        line = statement.line + (statement.text.count("\n", 0, int(position) - 1) if position else 0)
        kept = "nothing of the file is kept" if migration.in_transaction else "the statements before it are kept"
        first_line = statement.text.splitlines()[0]
        said = "; ".join(str(error).splitlines())
        message = f"{migration.label}, line {line}: {said} (SQLSTATE {error.sqlstate}) in «{first_line}»; {kept}"
        raise MigrationFailed(message) from None
