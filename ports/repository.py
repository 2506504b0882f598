"""Define the operations that every repository has."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from uuid import UUID
from warnings import warn

from .criteria import ALL, Criteria, Cursor
from .errors import UnreadableRow
from .results import BulkResult, Page

E = TypeVar("E")
K_contra = TypeVar("K_contra", contravariant=True)

RENAMED: Final = {
    "hold": "lock",
    "newest": "find_latest",
    "find_one_of": "find_by_chat_and_user",
    "page_of_address": "page_by_address",
    "page_of_chat": "page_by_chat",
    "page_of_proposer": "page_by_proposer",
    "page_of_safe": "page_by_safe",
    "page_of_sender": "page_by_sender",
    "page_of_subscription": "page_by_subscription",
    "stream_of_address": "stream_by_address",
}
"""The former names of methods, which are understood for one release."""


class ReadRepository(Protocol[E, K_contra]):
    """The collection of all entities of a class; ``K_contra`` is its key (a tuple if the key has several fields).

    Every method raises StorageUnavailable when the store cannot be reached, TransactionAborted or
    TransactionClosed where its transaction has failed or ended, UnknownField for a filter or an order by a
    field that the entity does not have, and InvalidValue for a value that its field cannot hold. What returns
    entities raises UnreadableRow for a stored row that no entity can hold; of many rows it names the first.
    """

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Answer to a method's former name, with a DeprecationWarning, for one release."""
            now = RENAMED.get(name)
            if now is None:
                message = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(message)
            warn(f"{name}() is called {now}() now", DeprecationWarning, stacklevel=2)
            return getattr(self, now)

    async def get(self, key: K_contra) -> E:
        """Return the entity with the key. Raises NotFound."""
        ...

    async def find_one(self, criteria: Criteria, *values: Any) -> E | None:
        """Return the first entity of the criteria's order, or None."""
        ...

    async def get_many(self, keys: Sequence[K_contra]) -> list[E]:
        """Return the entities with the keys, in their order; absent ones are left out, repeated ones repeat."""
        ...

    async def exists(self, key: K_contra) -> bool:
        """Return whether an entity has the key."""
        ...

    async def count(self, criteria: Criteria = ALL, *values: Any) -> int:
        """Return how many entities match."""
        ...

    async def find(self, criteria: Criteria = ALL, *values: Any, limit: int | None = None) -> list[E]:
        """Return the entities that match, in the criteria's order: all, or the first ``limit``.

        Raises ValueError for a limit below 1.
        """
        ...

    async def page(
        self, criteria: Criteria = ALL, *values: Any, limit: int = 100, after: Cursor | None = None
    ) -> Page[E]:
        """Return at most ``limit`` entities that follow the cursor in the criteria's order (a keyset page).

        Pages neither skip nor repeat rows that do not change meanwhile. Raises ValueError for a limit below 1
        and InvalidValue for a cursor that does not fit the order.
        """
        ...

    def stream(
        self,
        criteria: Criteria = ALL,
        *values: Any,
        batch: int = 1000,
        on_unreadable: Callable[[UnreadableRow], None] | None = None,
    ) -> AsyncIterator[E]:
        """Yield all entities that match, in order, holding about ``batch`` of them at a time.

        The entities are one consistent snapshot, whatever is written meanwhile. ``on_unreadable`` is called with each
        row that cannot be read; the row is left out.
        """
        ...


class Repository(ReadRepository[E, K_contra], Protocol[E, K_contra]):
    """A collection that is also written to; what makes a write fail is judged alike in all adapters.

    Within a transaction, a write that the store has refused aborts the transaction, or the savepoint around it.
    """

    async def add(self, entity: E) -> E:
        """Insert an entity and return it as stored (money rounded, without zeros at the end; times in UTC).

        Raises AlreadyExists, ReferenceMissing, InvalidValue.
        """
        ...

    async def update(self, entity: E) -> E:
        """Replace the stored entity of the same key and return it as stored.

        A versioned entity must carry the version that is stored, and is stored with the next; ``updated_at``
        becomes the clock's time. Raises NotFound, StaleVersion, AlreadyExists, ReferenceMissing, InvalidValue.
        """
        ...

    async def lock(self, key: K_contra) -> E:
        """Return the entity as it is now, and keep others from holding or changing it until the transaction ends.

        What is decided by an entity, or by what belongs to it, is decided under it. Raises NotFound, and Conflict in
        a transaction with a snapshot in which the entity has changed since.
        """
        ...

    async def upsert(self, entity: E) -> E:
        """Insert the entity, or replace the one with the same key, and return it as stored.

        A replaced row keeps its ``created_at`` and gets the next version, whatever the entity carries.
        Raises AlreadyExists (another unique key), ReferenceMissing, InvalidValue.
        """
        ...

    async def remove(self, key: K_contra) -> None:
        """Delete the entity with the key, and what cascades from it. Raises NotFound, StillReferenced."""
        ...

    async def remove_where(self, criteria: Criteria, *values: Any) -> int:
        """Delete all entities that match, and what cascades from them, in one statement; return how many matched.

        Raises StillReferenced when another entity refers to one of them: then nothing is deleted.
        """
        ...

    async def bulk_upsert(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert or replace many entities in one atomic statement, and count what was done.

        Rows are matched by the key, or by the unique key whose fields ``by`` names: a matched row keeps its own
        key then. Of entities that match one another the last counts. A row is unchanged when nothing but
        ``created_at``, ``updated_at`` and ``version`` would differ; an updated one keeps its ``created_at`` and
        gets the next version. Raises AlreadyExists, ReferenceMissing, InvalidValue, UnknownField.
        """
        ...

    async def bulk_add_missing(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert those of many entities that match no stored row (as in ``bulk_upsert``); the others are unchanged.

        Of entities that match one another the first counts.
        """
        ...


class Creating(Protocol):
    """Repositories whose entities are made from a command: identity and time come from the storage's sources."""

    def next_id(self) -> UUID:
        """Return a new identity from the storage's id source."""
        ...

    def now(self) -> datetime:
        """Return the present time from the storage's clock."""
        ...
