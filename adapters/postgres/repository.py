"""What every repository over PostgreSQL does, whatever its entity."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

from strongroom.adapters.mapping.queries import MAX_ROWS, check_limit, require_limit
from strongroom.adapters.mapping.table import Table
from strongroom.ports.criteria import ALL, Criteria, Cursor
from strongroom.ports.errors import NotFound, StaleVersion, UnreadableRow
from strongroom.ports.results import BulkResult, Page

from .bulk import OnMatch, write_all
from .errors import UNREADABLE
from .executor import Executor
from .sql import TableStatements, table_statements
from .unreadable import find_unreadable, raise_unreadable, read, readable_rows

E = TypeVar("E")
K = TypeVar("K")


def query_argument(value: Any) -> Any:
    """Return a value, or a collection of values, as asyncpg takes it."""
    if isinstance(value, Enum):
        return value._value_
    return [query_argument(item) for item in value] if type(value) is list else value


class PostgresReadRepository(Generic[E, K]):
    """The collection of all entities of a class; see ``ports.repository`` for what each method promises."""

    table: Table

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._sql: TableStatements = table_statements(self.table)

    def next_id(self) -> UUID:
        """Return a new identity."""
        return self._executor.ids.next()

    def now(self) -> datetime:
        """Return the present time."""
        return self._executor.clock.now()

    async def get(self, key: K) -> E:
        """Return the entity with the key. Raises NotFound."""
        found = await self._read(self._sql.get, self._key(key))
        if not found:
            raise NotFound(self.table.label, key)
        return found[0]

    async def find_one(self, criteria: Criteria, *values: Any) -> E | None:
        """Return the first entity of the criteria's order, or None."""
        query, sql = self._sql.find_one(criteria)
        found = await self._read(sql, self._arguments(query.values(values)))
        return found[0] if found else None

    async def get_many(self, keys: Sequence[K]) -> list[E]:
        """Return the entities with the keys, in the order of the keys; absent ones are left out."""
        wanted = [self.table.checked_key(key) for key in keys]
        if not wanted:
            return []
        parts = [[query_argument(part) for part in column] for column in zip(*wanted, strict=True)]
        found = await self._read(self._sql.get_many, parts)
        by_key = {self.table.key_of(entity): entity for entity in found}
        asked = wanted if len(self.table.key) > 1 else [key for (key,) in wanted]
        return [by_key[key] for key in asked if key in by_key]

    async def exists(self, key: K) -> bool:
        """Say whether an entity has the key."""
        rows = await self._executor.fetch(self.table, self._sql.exists, *self._key(key))
        return bool(rows[0][0])

    async def count(self, criteria: Criteria = ALL, *values: Any) -> int:
        """Return how many entities match."""
        query, sql = self._sql.count(criteria)
        rows = await self._executor.fetch(self.table, sql, *self._arguments(query.values(values)))
        return int(rows[0][0])

    async def find(self, criteria: Criteria = ALL, *values: Any, limit: int | None = None) -> list[E]:
        """Return the entities that match, in the criteria's order: all, or the first ``limit``."""
        query, sql = self._sql.find(criteria)
        first = check_limit(limit)
        if first is None:
            return await self._read(sql, self._arguments(query.values(values)))
        return await self._read(self._sql.page(criteria, None), self._arguments([*query.values(values), first]))

    async def page(
        self, criteria: Criteria = ALL, *values: Any, limit: int = 100, after: Cursor | None = None
    ) -> Page[E]:
        """Return at most ``limit`` entities that follow the cursor in the criteria's order."""
        require_limit(limit)
        query, _ = self._sql.find(criteria)
        cursor = None if after is None else query.check_cursor(after)
        given = [*query.values(values), *(cursor or ()), min(limit, MAX_ROWS) + 1]
        items = await self._read(self._sql.page(criteria, cursor), self._arguments(given))
        more = len(items) > limit
        return Page(items[:limit], query.cursor_of(items[limit - 1]) if more else None)

    async def stream(
        self,
        criteria: Criteria = ALL,
        *values: Any,
        batch: int = 1000,
        on_unreadable: Callable[[UnreadableRow], None] | None = None,
    ) -> AsyncIterator[E]:
        """Yield all entities that match, in order, of one consistent snapshot."""
        require_limit(batch)
        query, sql = self._sql.find(criteria)
        given = self._arguments(query.values(values))
        size = min(batch, MAX_ROWS)
        if on_unreadable is not None:
            async with aclosing(readable_rows(self._executor, self.table, (sql, given), size, on_unreadable)) as held:
                async for entity in held:
                    yield entity
            return
        try:
            async with aclosing(self._executor.stream(self.table, sql, given, size)) as batches:
                async for rows in batches:
                    for entity in self._sql.hydrate_all(rows):
                        yield entity
        except UNREADABLE as error:
            raise_unreadable(self.table, await find_unreadable(self._executor, self.table, sql, given), error)

    async def _read(self, sql: str, values: Sequence[Any]) -> list[E]:
        """Return the entities that a query returns. Raises UnreadableRow."""
        return await read(self._executor, self.table, sql, values, self._sql.hydrate_all)

    def _key(self, key: K) -> list[Any]:
        return [query_argument(part) for part in self.table.checked_key(key)]

    def _arguments(self, values: Iterable[Any]) -> list[Any]:
        return [query_argument(value) for value in values]


class PostgresRepository(PostgresReadRepository[E, K]):
    """A collection that is also written to; see ``ports.repository`` for what each method promises."""

    async def add(self, entity: E) -> E:
        """Insert an entity and return it as stored."""
        return (await self._write(self._sql.insert, self._sql.encode(entity), self.table.key_of(entity)))[0]

    async def update(self, entity: E) -> E:
        """Replace the stored entity of the same key and return it as stored."""
        values = list(self._sql.encode(entity))
        if "updated_at" in self.table.bookkeeping:
            values[self._sql.names.index("updated_at")] = self.now()
        key = self.table.key_of(entity)
        rows = await self._write(self._sql.update, values, key)
        if rows:
            return rows[0]
        if self.table.versioned and await self.exists(key):
            raise StaleVersion(self.table.label, key, entity.version)  # type: ignore[attr-defined]
        self.table.checked_key(key)
        raise NotFound(self.table.label, key)

    async def lock(self, key: K) -> E:
        """Return the entity with the key, locked against others until the transaction ends. Raises NotFound."""
        found = await self._read(self._sql.lock, self._key(key))
        if not found:
            raise NotFound(self.table.label, key)
        return found[0]

    async def upsert(self, entity: E) -> E:
        """Insert the entity, or replace the one with the same key, and return it as stored."""
        return (await self._write(self._sql.upsert, self._sql.encode(entity), self.table.key_of(entity)))[0]

    async def remove(self, key: K) -> None:
        """Delete the entity with the key, and what cascades from it. Raises NotFound, StillReferenced."""
        if not await self._executor.fetch(self.table, self._sql.remove, *self._key(key), removing=True):
            raise NotFound(self.table.label, key)

    async def remove_where(self, criteria: Criteria, *values: Any) -> int:
        """Delete all entities that match, and what cascades from them, in one statement."""
        query, sql = self._sql.remove_where(criteria)
        given = self._arguments(query.values(values))
        return int((await self._executor.fetch(self.table, sql, *given, removing=True))[0][0])

    async def bulk_upsert(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert or replace many entities in one atomic statement, and count what was done."""
        return await write_all(self._executor, self._sql, entities, by, OnMatch.REPLACE)

    async def bulk_add_missing(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert those of many entities that match no stored row; the others are unchanged."""
        return await write_all(self._executor, self._sql, entities, by, OnMatch.KEEP)

    async def _write(self, sql: str, values: Sequence[Any], key: Any) -> list[E]:
        """Run a statement that writes the row of a key and return it. Raises UnreadableRow."""
        parts = [query_argument(part) for part in (key if type(key) is tuple else (key,))]
        build = self._sql.hydrate_all
        return await read(self._executor, self.table, sql, values, build, key=key, source=(self._sql.get, parts))
