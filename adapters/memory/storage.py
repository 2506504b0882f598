"""The in-memory storage: the Storage port without PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.queries import require_type
from strongroom.ports.clock import Clock, IdSource, SystemClock, Uuid7Source
from strongroom.ports.errors import StorageError
from strongroom.ports.stats import StorageStats
from strongroom.ports.storage import Isolation, R, Repositories, Storage, Transaction

from .change_feed import MemoryChangeFeed
from .database import Database
from .repositories import repository_classes
from .session import Scope, Session, StorageSession, TransactionSession
from .unit_of_work import UnitOfWork


class _MemoryRepositories(Repositories):
    """Repositories over a session, each made when it is first asked for."""

    model: Model
    """The tables that the storage holds."""
    _classes: dict[str, type[Any]]
    _session: Session

    def __getattr__(self, name: str) -> Any:
        repository = self._classes.get(name)
        if repository is None:
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        made = self.__dict__[name] = repository(self._session)
        return made

    def repository(self, port: Callable[..., R]) -> R:
        """Return the repository of a port."""
        found: R = getattr(self, self.model.table_behind(port).repository)
        return found


class MemoryTransaction(_MemoryRepositories, Transaction):
    """A unit of work of the twin, or a savepoint in one."""

    def __init__(self, scope: Scope, parent: _MemoryRepositories) -> None:
        self.model, self._classes = parent.model, parent._classes  # noqa: SLF001 - of the same family
        self._session = self._scope = scope

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[Transaction]:
        self._scope.require_open()
        session = self._scope.session
        session.require_usable()
        session.savepoints.append(session.unit.savepoint())
        scope = Scope(session)
        try:
            yield MemoryTransaction(scope, self)
            session.require_usable()
        except BaseException:
            session.unit.roll_back_to(session.savepoints[-1])
            session.aborted = False
            raise
        finally:
            session.savepoints.pop()
            scope.closed = True

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a savepoint."""
        return self._savepoint()


class MemoryStorage(_MemoryRepositories, Storage):
    """A storage that lives as long as the object: empty when made, and its own for every test."""

    def __init__(self, *, model: Model | None = None, clock: Clock | None = None, ids: IdSource | None = None) -> None:
        """Make a storage of a model's tables, those of the platform unless one is given. Raises ModelInvalid."""
        self.model = _platform() if model is None else model
        self._classes = repository_classes(self.model)
        database = Database(self.model)
        self._session = self._storage = StorageSession(database, clock or SystemClock(), ids or Uuid7Source())
        self.changes = MemoryChangeFeed(self._storage.database.subscribers, self._storage.require_open)

    @asynccontextmanager
    async def _unit_of_work(self, isolation: Isolation, *, read_only: bool) -> AsyncIterator[Transaction]:
        self._storage.require_open()
        unit = UnitOfWork(self._storage.database, isolation, read_only=read_only)
        session = TransactionSession(unit, self._storage)
        scope = Scope(session)
        try:
            yield MemoryTransaction(scope, self)
            session.require_usable()
        except BaseException:
            unit.roll_back()
            raise
        else:
            unit.commit()
        finally:
            scope.closed = True

    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Open a unit of work."""
        require_type("isolation", isolation, Isolation)
        require_type("read_only", read_only, bool)
        return self._unit_of_work(isolation, read_only=read_only)

    def clear(self) -> None:
        """Remove everything that is stored, between two tests say; a transaction that is open keeps what it wrote."""
        self._storage.database.clear()

    async def committed(self, error: StorageError) -> bool | None:
        """Say what the error says: the twin answers every commit."""
        return None if error.applied == "unknown" else error.applied == "yes"

    async def ping(self, *, fresh: bool = False) -> None:  # noqa: ARG002 - there is no connection to make
        """Raise StorageClosed after ``close``."""
        self._storage.require_open()

    def stats(self) -> StorageStats:
        """Return what the twin has of them: it has no connections, and runs its statements unseen."""
        return StorageStats(retries=self.retries)

    async def close(self) -> None:
        """Close the storage; closing twice is closing once."""
        self._storage.closed = True
        self._storage.database.subscribers.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


def _platform() -> Model:
    """Return the platform's model, imported when it is needed: a service with tables of its own alone does without."""
    from strongroom.adapters.mapping.platform import PLATFORM

    return PLATFORM
