"""What every repository of the twin does, whatever its entity."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar
from uuid import UUID

from strongroom.adapters.mapping.queries import MAX_ROWS, check_limit, require_limit
from strongroom.adapters.mapping.table import Table, Unique
from strongroom.ports.criteria import ALL, Criteria, Cursor
from strongroom.ports.errors import AlreadyExists, NotFound, ReferenceMissing, StaleVersion, UnreadableRow
from strongroom.ports.results import BulkResult, Page

from . import statements
from .queries import QueryPlan
from .session import Session
from .transaction_state import LockMode
from .unit_of_work import UnitOfWork

E = TypeVar("E")
K = TypeVar("K")

_PLANS: dict[tuple[Table, Criteria], QueryPlan] = {}


def plan_of(table: Table, criteria: Criteria) -> QueryPlan:
    """Return the plan of criteria over a table, made once. Raises UnknownField."""
    plan = _PLANS.get((table, criteria))
    if plan is None:
        plan = _PLANS[table, criteria] = QueryPlan(table, criteria)
    return plan


class MemoryReadRepository(Generic[E, K]):
    """The collection of all entities of a class; see ``ports.repository`` for what each method promises."""

    table: Table

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_id(self) -> UUID:
        """Return a new identity."""
        return self._session.ids.next()

    def now(self) -> datetime:
        """Return the present time."""
        return self._session.clock.now()

    async def get(self, key: K) -> E:
        """Return the entity with the key. Raises NotFound."""
        entity = await self._lookup(key)
        if entity is None:
            raise NotFound(self.table.label, key)
        return entity

    async def find_one(self, criteria: Criteria, *values: Any) -> E | None:
        """Return the first entity of the criteria's order, or None."""
        rows = await self._matching(criteria, values)
        return next((self._copy_for_caller(row) for row in rows), None)

    async def get_many(self, keys: Sequence[K]) -> list[E]:
        """Return the entities with the keys, in the order of the keys; absent ones are left out."""
        wanted = [self._plain_key(key) for key in keys]
        if not wanted:
            return []
        members = set(wanted)
        view = await self._session.view(self.table, lambda: lambda row: self.table.key_of(row) in members)
        found = (view.get(key) for key in wanted)
        return [self._copy_for_caller(row) for row in found if row is not None]

    async def exists(self, key: K) -> bool:
        """Say whether an entity has the key."""
        return await self._lookup(key) is not None

    async def count(self, criteria: Criteria = ALL, *values: Any) -> int:
        """Return how many entities match."""
        return sum(1 for _ in await self._matching(criteria, values))

    async def find(self, criteria: Criteria = ALL, *values: Any, limit: int | None = None) -> list[E]:
        """Return the entities that match, in the criteria's order: all, or the first ``limit``."""
        first = check_limit(limit)
        rows = islice(await self._matching(criteria, values), first)
        return [self._copy_for_caller(row) for row in rows] if self.table.has_json else list(rows)

    async def page(
        self, criteria: Criteria = ALL, *values: Any, limit: int = 100, after: Cursor | None = None
    ) -> Page[E]:
        """Return at most ``limit`` entities that follow the cursor in the criteria's order."""
        require_limit(limit)
        plan = plan_of(self.table, criteria)
        cursor = None if after is None else plan.query.check_cursor(after)
        rows = await self._matching(criteria, values)
        following = rows if cursor is None else plan.after(rows, cursor)
        items = [self._copy_for_caller(row) for row in islice(following, min(limit, MAX_ROWS) + 1)]
        more = len(items) > limit
        return Page(items[:limit], plan.query.cursor_of(items[limit - 1]) if more else None)

    async def stream(
        self,
        criteria: Criteria = ALL,
        *values: Any,
        batch: int = 1000,
        on_unreadable: Callable[[UnreadableRow], None] | None = None,  # noqa: ARG002 - the twin holds what it can read
    ) -> AsyncIterator[E]:
        """Yield all entities that match, in order, of one consistent snapshot."""
        require_limit(batch)
        for row in list(await self._matching(criteria, values)):
            yield self._copy_for_caller(row)

    async def _lookup(self, key: K) -> E | None:
        plain = self._plain_key(key)
        view = self._session.committed(self.table) or await self._session.view(
            self.table, lambda: lambda row: self.table.key_of(row) == plain
        )
        row = view.get(plain)
        return None if row is None else self._copy_for_caller(row)

    async def _matching(self, criteria: Criteria, values: Sequence[Any]) -> Iterable[Any]:
        plan = plan_of(self.table, criteria)
        checked = plan.query.values(values)
        view = self._session.committed(self.table) or await self._session.view(
            self.table, lambda: plan.matches(checked)
        )
        return plan.rows(view, checked)

    def _plain_key(self, key: K) -> Any:
        parts = self.table.checked_key(key)
        return parts[0] if len(parts) == 1 else parts

    def _copy_for_caller(self, row: E) -> E:
        """Return a stored row as a caller may have it: JSON is copied, so that nobody changes what is stored."""
        return self.table.stored(row) if self.table.has_json else row


class MemoryRepository(MemoryReadRepository[E, K]):
    """A collection that is also written to; see ``ports.repository`` for what each method promises."""

    async def add(self, entity: E) -> E:
        """Insert an entity and return it as stored."""
        stored = self._stored(entity)
        await self._session.write(self.table, lambda unit: statements.insert_row(unit, self.table, stored))
        return self._copy_for_caller(stored)

    async def update(self, entity: E) -> E:
        """Replace the stored entity of the same key and return it as stored."""
        stored = self._stored(entity)
        if "updated_at" in self.table.bookkeeping:
            stored = self.table.replaced(stored, updated_at=self.now())
        key = self.table.key_of(stored)

        def statement(unit: UnitOfWork) -> E:
            unit.note_read(self.table, lambda row: self.table.key_of(row) == key)
            before = unit.read_row(self.table, key)
            if before is None and self.table.versioned and unit.visible(self.table).get(key) is not None:
                raise StaleVersion(self.table.label, key, stored.version)  # type: ignore[attr-defined] # of another row
            if before is None:
                raise NotFound(self.table.label, key)
            after = stored
            if self.table.versioned:
                version = stored.version  # type: ignore[attr-defined]
                if before.version != version:
                    raise StaleVersion(self.table.label, key, version)
                after = self.table.replaced(stored, version=self.table.next_version(version))
            statements.update_row(unit, self.table, before, after)
            return after

        try:
            return self._copy_for_caller(await self._session.write(self.table, statement))
        except NotFound:
            self.table.checked_key(key)
            raise

    async def lock(self, key: K) -> E:
        """Return the entity with the key, locked against others until the transaction ends. Raises NotFound."""
        plain = self._plain_key(key)

        def statement(unit: UnitOfWork) -> E:
            unit.note_read(self.table, lambda row: self.table.key_of(row) == plain)
            row: E | None = unit.read_row(self.table, plain)
            if row is None:
                raise NotFound(self.table.label, key)
            unit.lock(self.table, plain, LockMode.NO_KEY_UPDATE)
            return row

        return self._copy_for_caller(await self._session.write(self.table, statement))

    async def upsert(self, entity: E) -> E:
        """Insert the entity, or replace the one with the same key, and return it as stored."""
        stored = self._stored(entity)

        def statement(unit: UnitOfWork) -> E:
            statements.check_row(self.table, stored)
            before = statements.find_conflicting_row(unit, self.table, self.table.primary_key, stored)
            if before is None:
                statements.insert_without_fk_check(unit, self.table, stored)
                statements.check_references(unit, self.table, [(stored, None)])
                return stored
            statements.lock_conflicting_row(unit, self.table, before)
            after = self._merged(before, stored)
            statements.update_row(unit, self.table, before, after)
            return after

        return self._copy_for_caller(await self._session.write(self.table, statement))

    async def remove(self, key: K) -> None:
        """Delete the entity with the key, and what cascades from it. Raises NotFound, StillReferenced."""
        plain = self._plain_key(key)

        def statement(unit: UnitOfWork) -> None:
            unit.note_read(self.table, lambda row: self.table.key_of(row) == plain)
            row = unit.read_row(self.table, plain)
            if row is None:
                raise NotFound(self.table.label, key)
            statements.remove_rows(unit, self.table, [row])

        await self._session.write(self.table, statement)

    async def remove_where(self, criteria: Criteria, *values: Any) -> int:
        """Delete all entities that match, and what cascades from them, in one statement."""
        plan = plan_of(self.table, criteria)
        checked = plan.query.values(values)
        found: set[Any] | None = None

        def statement(unit: UnitOfWork) -> int:
            nonlocal found
            unit.note_read(self.table, plan.matches(checked))
            rows = [*plan.rows(unit.visible(self.table), checked)]
            if found is None:
                found = {self.table.key_of(row) for row in rows}
            found -= {key for name, key in unit.gone if name == self.table.name}
            rows = [row for row in rows if self.table.key_of(row) in found]  # what a wait brought is left
            statements.remove_rows(unit, self.table, rows)
            return len(rows)

        return await self._session.write(self.table, statement)

    async def bulk_upsert(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert or replace many entities in one atomic statement, and count what was done."""
        unique = self.table.unique_by(by)
        rows: dict[Any, E] = {}
        for position, row in self._numbered(entities):
            value = statements.match_value(unique, row, position)
            rows.pop(value, None)  # the last counts, in the last one's place
            rows[value] = row
        return await self._bulk(list(rows.values()), unique, replacing=True)

    async def bulk_add_missing(self, entities: Iterable[E], *, by: tuple[str, ...] | None = None) -> BulkResult:
        """Insert those of many entities that match no stored row; the others are unchanged."""
        unique = self.table.unique_by(by)
        rows: dict[Any, E] = {}
        for position, row in self._numbered(entities):
            rows.setdefault(statements.match_value(unique, row, position), row)
        return await self._bulk(list(rows.values()), unique, replacing=False)

    async def _bulk(self, rows: list[E], unique: Unique, *, replacing: bool) -> BulkResult:
        if not rows:
            return BulkResult()

        def statement(unit: UnitOfWork) -> BulkResult:
            try:
                return write(unit)
            except (AlreadyExists, ReferenceMissing) as error:
                error.key = None  # of many rows PostgreSQL does not say which
                raise

        def write(unit: UnitOfWork) -> BulkResult:
            placed: list[tuple[E, E | None]] = []
            for row in rows:
                statements.check_row(self.table, row)
                before = statements.find_conflicting_row(unit, self.table, unique, row)
                if before is None:
                    statements.insert_without_fk_check(unit, self.table, row)
                    placed.append((row, None))
                elif replacing:
                    statements.lock_conflicting_row(unit, self.table, before)
                    if self._differs(before, row):
                        after = self._merged(before, row)
                        statements.update_without_fk_check(unit, self.table, before, after)
                        placed.append((after, before))
            statements.check_references(unit, self.table, placed)
            inserted = sum(before is None for _, before in placed)
            return BulkResult(inserted, len(placed) - inserted, len(rows) - len(placed))

        return await self._session.write(self.table, statement)

    def _differs(self, before: E, row: E) -> bool:
        kept = (*self.table.bookkeeping, *self.table.key)
        return any(
            getattr(before, column.name) != getattr(row, column.name)
            for column in self.table.columns
            if column.name not in kept
        )

    def _merged(self, before: E, row: E) -> E:
        """Return what a matched row becomes: the given values, its own key and creation, and the next version."""
        kept = (*self.table.key, *(name for name in self.table.bookkeeping if name == "created_at"))
        changes = {name: getattr(before, name) for name in kept}
        if self.table.versioned:
            changes["version"] = self.table.next_version(before.version)  # type: ignore[attr-defined]
        return self.table.replaced(row, **changes)  # type: ignore[no-any-return]

    def _numbered(self, entities: Iterable[E]) -> Iterable[tuple[int, E]]:
        return enumerate(self._stored(entity) for entity in entities)

    def _stored(self, entity: E) -> E:
        self.table.check(entity)
        return self.table.stored(entity)  # type: ignore[no-any-return]
