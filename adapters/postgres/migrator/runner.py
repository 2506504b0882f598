"""The migrator: looks without a lock, applies under the locks of both migrators, one file at a time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from attrs import frozen

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.ports.backoff import backoff_seconds
from strongroom.ports.errors import StorageError, StorageUnavailable
from strongroom.ports.progress import report_progress

from ..connection import connect, inspecting, require_version
from ..driver import DRIVER_ERRORS
from ..errors import translate_error
from ..locks import MigrationBlocked, MigrationLockWait, migration_locks, migration_locks_if_free
from ..redaction import redacted
from .apply import LOCK_ERRORS, apply_migration
from .errors import SchemaBehind
from .files import Migration, MigrationFolders, Side, load_migrations
from .history import accept_text, create_tables, forget_failure, read_history
from .order import migration_order
from .refusals import explain_refusal
from .status import (
    MigrationState,
    MigrationStatus,
    compare_history,
    ignore_unknown_of,
    pending_migrations,
    require_up_to_date,
)


@frozen
class MigrationReport:
    """What a run did (or, dry, would do): names with milliseconds, in order; callers expire cached plans if any."""

    applied: tuple[tuple[str, int], ...]
    already_applied: int
    dry_run: bool = False


class Migrator:
    """Applies the migrations of a model to one database, by a direct address; through a pooler it only looks."""

    def __init__(  # noqa: PLR0913 - every time it waits is a setting
        self,
        url: str,
        *,
        model: Model = PLATFORM,
        backend: Path | None = None,
        frontend: Path | None = None,
        sides: Collection[Side | str] | None = None,
        may_be_ahead: Collection[Side] = (),
        lock_timeout: float = 1.0,
        attempts: int = 20,
        wait_timeout: float = 300.0,
        connect_timeout: float = 10.0,
        through_pooler: bool = False,
    ) -> None:
        """Set the times, in seconds: for a table's lock in one try, for all of a run, and to connect.

        The migrations are those of the model's extensions, unless folders are given. Only those of ``sides`` are
        applied, if any are named (an extension by its name): under the guard each side's role applies its own. Of the
        sides that ``may_be_ahead``, applied migrations that are not among the files are nobody's problem here: who says
        so looks at the schema itself. ``through_pooler`` says that the address is a transaction pooler's, where no lock
        of a session can be held.
        """
        self._url = url
        given = backend is not None or frontend is not None
        self._folders = MigrationFolders(backend, frontend) if given else MigrationFolders.of(model)
        self._sides = None if sides is None else frozenset(one.value if isinstance(one, Side) else one for one in sides)
        self._may_be_ahead = frozenset(side.value for side in may_be_ahead)
        self._lock_timeout = lock_timeout
        self._attempts = attempts
        self._wait_timeout = wait_timeout
        self._connect_timeout = connect_timeout
        self._through_pooler = through_pooler

    def __repr__(self) -> str:
        return f"Migrator({redacted(self._url)!r})"

    async def status(self) -> list[MigrationStatus]:
        """Return how every migration stands. Raises MigrationFileInvalid."""
        ordered = self._ordered()
        async with self._connection() as connection:
            return await self._compared(connection, ordered)

    async def require_up_to_date(self) -> None:
        """Raise the SchemaMismatch that says how code and database differ, if they do."""
        require_up_to_date(await self.status())

    async def migrate(self, *, dry_run: bool = False) -> MigrationReport:
        """Apply what is pending, each file in a transaction of its own, and report it.

        Any number of processes may do so at once: each file is applied by one of them. Raises a SchemaMismatch where
        files and database contradict each other, MigrationFailed, MigrationBlocked, StorageUnavailable.
        """
        ordered = self._ordered()
        wait = MigrationLockWait(self._wait_timeout)
        done: list[tuple[str, int]] = []
        tries: Counter[str] = Counter()
        async with self._connection() as connection:
            waiting = self._own(pending_migrations(await self._compared(connection, ordered), excluded=dry_run))
            if waiting and not dry_run:
                self._require_direct()
            while waiting and not dry_run:
                async with migration_locks_if_free(connection) as locked:
                    waiting = self._own(pending_migrations(await self._compared(connection, ordered), excluded=locked))
                    table_locked = False
                    if locked and waiting:
                        try:
                            done.append((waiting[0].label, await self._apply(connection, ordered, waiting[0])))
                        except LOCK_ERRORS:
                            table_locked = True
                        else:
                            waiting = waiting[1:]
                            report_progress("migrate", len(done), len(done) + len(waiting))
                if waiting and not locked:
                    await wait.pause()
                elif table_locked:
                    tries[waiting[0].label] += 1
                    await self._back_off(waiting[0], tries[waiting[0].label])
        would = tuple((migration.label, 0) for migration in waiting)
        return MigrationReport(would if dry_run else tuple(done), len(ordered) - len(would) - len(done), dry_run)

    async def repair(self) -> list[str]:
        """Make the history agree with the files, and say what was done, a line each; nothing else is changed.

        The present text of an applied file is accepted as the one that was applied, and a migration that was begun and
        not finished is forgotten (Prisma's row is marked as rolled back), so that it is applied from its start. It is
        for an operator who has seen to it that the database is what the files say: what was left behind stays. Files
        that are gone, ahead or out of order are left as they are. Raises as ``migrate`` does.
        """
        self._require_direct()
        ordered = self._ordered()
        done: list[str] = []
        async with (
            self._connection() as connection,
            migration_locks(connection, timeout=self._wait_timeout),
            connection.transaction(),
        ):
            for status in await self._compared(connection, ordered):
                if status.state is MigrationState.CHANGED and status.migration is not None:
                    await accept_text(connection, status.migration)
                    done.append(f"{status.label}: its present text now counts as the one that was applied")
                elif status.state is MigrationState.HALF_APPLIED and status.migration is not None:
                    await forget_failure(connection, status.migration)
                    done.append(f"{status.label}: will be applied from its start")
        return done

    async def _compared(
        self, connection: "asyncpg.Connection[Any]", ordered: Sequence[Migration]
    ) -> list[MigrationStatus]:
        async with inspecting(connection, through_pooler=self._through_pooler):
            history = await read_history(connection, self._folders.histories)
        return ignore_unknown_of(compare_history(ordered, history), self._may_be_ahead)

    def _require_direct(self) -> None:
        if self._through_pooler:
            message = (
                f"migrations are not applied through a transaction pooler, which {redacted(self._url)} is said to be: "
                "set direct_url, an address that goes past it"
            )
            raise StorageUnavailable(message)

    def _own(self, waiting: list[Migration]) -> list[Migration]:
        """Return what of the pending this run applies. Raises SchemaBehind for one that needs another side's."""
        if self._sides is None:
            return waiting
        own = [migration for migration in waiting if migration.history in self._sides]
        others = {
            name: one
            for one in waiting
            if one not in own
            for name in (one.label, one.label[: len(one.history) + len("/0000")])
        }
        for migration in own:
            missing = next((others[name] for name in migration.requires if name in others), None)
            if missing is not None:
                message = f"{migration.label} requires {missing.label}, which its own side has to apply first"
                raise SchemaBehind(message, histories=(missing.history,))
        return own

    def _ordered(self) -> list[Migration]:
        return migration_order(load_migrations(self._folders))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """Give a connection of the run's own; what the database refuses comes out as the port's error."""
        connection = await connect(
            self._url,
            timeout=self._connect_timeout,
            through_pooler=self._through_pooler,
            statement_cache_size=0,
        )
        try:
            require_version(self._url, connection.get_server_version().major)
            yield connection
        except asyncpg.InsufficientPrivilegeError as error:
            message = f"{translate_error(error, None)}{await explain_refusal(connection, error)}"
            raise StorageError(message) from None
        except DRIVER_ERRORS as error:
            raise translate_error(error, None) from None
        finally:
            await connection.close()

    async def _apply(
        self, connection: "asyncpg.Connection[Any]", ordered: Sequence[Migration], migration: Migration
    ) -> int:
        await create_tables(connection, {migration.history for migration in ordered})
        return await apply_migration(
            connection, migration, lock_timeout=self._lock_timeout, wait_timeout=self._wait_timeout
        )

    async def _back_off(self, migration: Migration, tries: int) -> None:
        """Wait, without the migrators' locks, before a file whose tables others hold is tried again."""
        if tries >= self._attempts:
            message = (
                f"{migration.label} needs a lock that others held through {tries} tries: "
                "end the long transactions (pg_stat_activity shows them) and migrate again"
            )
            raise MigrationBlocked(message)
        await asyncio.sleep(backoff_seconds(tries, maximum=self._lock_timeout * 2))
