"""The statements that write: each judges a row as PostgreSQL does, in PostgreSQL's order, then changes it.

A statement raises MustWait where PostgreSQL would block; after the wait it is undone, keeping its locks, and runs
again.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from strongroom.adapters.mapping.table import ForeignKey, OnDelete, Table, Unique
from strongroom.ports.errors import AlreadyExists, Conflict, InvalidValue, ReferenceMissing, StillReferenced

from .layers import TableView
from .locks import MustWait
from .rows import unique_key_value
from .serializable import Predicate
from .transaction_state import LockMode
from .unit_of_work import UnitOfWork


def insert_row(unit: UnitOfWork, table: Table, entity: Any) -> None:
    """Insert a row. Raises InvalidValue, AlreadyExists, ReferenceMissing."""
    insert_rows(unit, table, [entity])


def insert_rows(unit: UnitOfWork, table: Table, entities: Iterable[Any]) -> None:
    """Insert rows as one statement: foreign keys are judged when all rows are in place."""
    rows = list(entities)
    for entity in rows:
        check_row(table, entity)
        insert_without_fk_check(unit, table, entity)
    check_references(unit, table, [(entity, None) for entity in rows])


def insert_without_fk_check(unit: UnitOfWork, table: Table, entity: Any) -> None:
    """Put a new row in place when no unique key stands against it. Raises AlreadyExists."""
    key = table.key_of(entity)
    _check_uniques(unit, table, entity, own=None)
    unit.database.locks.lock(unit, (table.name, key), LockMode.UPDATE)
    unit.write(table, key, entity)


def update_row(unit: UnitOfWork, table: Table, before: Any, after: Any) -> None:
    """Replace a row that the unit sees. Raises InvalidValue, AlreadyExists, ReferenceMissing, Conflict."""
    update_without_fk_check(unit, table, before, after)
    check_references(unit, table, [(after, before)])


def update_without_fk_check(unit: UnitOfWork, table: Table, before: Any, after: Any) -> None:
    """Replace a row that the unit sees, its references unjudged. Raises InvalidValue, AlreadyExists, Conflict."""
    key = table.key_of(before)
    if table.immutable:
        unit.lock(table, key, LockMode.NO_KEY_UPDATE)
        reason = f"a {table.label} never changes once it is written"
        raise InvalidValue(table.label, constraint=table.immutable, reason=reason)
    check_row(table, after)
    unit.lock(table, key, _update_mode(table, before, after))
    try:
        _check_uniques(unit, table, after, own=key)
    except MustWait:
        unit.replacing = table.name, key
        raise
    unit.write(table, key, after)


def remove_rows(unit: UnitOfWork, table: Table, rows: list[Any]) -> None:
    """Remove rows and do what the foreign keys that refer to them say. Raises StillReferenced, InvalidValue.

    What follows from a removal waits until all that follows from earlier ones is done: PostgreSQL queues its triggers.
    """
    following: deque[tuple[Table, ForeignKey, Any]] = deque()
    _remove(unit, table, rows, following)
    while following:
        _cascade_removal(unit, *following.popleft(), following)


def _remove(unit: UnitOfWork, table: Table, rows: list[Any], following: "deque[tuple[Table, ForeignKey, Any]]") -> None:
    for row in rows:
        key = table.key_of(row)
        unit.lock(table, key, LockMode.UPDATE)
        unit.write(table, key, None)
    for row in rows:
        following.extend((child, foreign_key, row) for child, foreign_key in unit.database.referring_to(table))


def find_conflicting_row(unit: UnitOfWork, table: Table, unique: Unique, entity: Any) -> Any | None:
    """Return the row that stands against an entity on one unique key, to be updated or left (ON CONFLICT), or None.

    Raises Conflict when a unit with a snapshot cannot see it.
    """
    value = unique_key_value(unique, entity)
    if value is None:
        return None
    key = _key_holding(unit, table, table.uniques.index(unique), value)
    if key is None:
        return None
    if unit.changed_since_snapshot(table, key) and unit.visible(table).get(key) is not unit.current(table).get(key):
        message = f"{table.label} was written by a concurrent transaction: run the transaction again"
        raise Conflict(message)
    return unit.current(table).get(key)


def lock_conflicting_row(unit: UnitOfWork, table: Table, row: Any) -> None:
    """Lock a row that ON CONFLICT found to update it, whether or not it is then changed.

    PostgreSQL chooses the mode by the columns that are set (all but the key and the creation), not by their values.
    """
    kept = {*table.key, "created_at"}
    sets_key = any(name not in kept for unique in table.uniques if _is_referencable(unique) for name in unique.fields)
    unit.lock(table, table.key_of(row), LockMode.UPDATE if sets_key else LockMode.NO_KEY_UPDATE)


def match_value(unique: Unique, entity: Any, position: int) -> Hashable:
    """Return what makes entities of one bulk write match one another; what matches nothing is told by its position."""
    value = unique_key_value(unique, entity)
    return ("unmatched", position) if value is None else value


def check_row(table: Table, entity: Any) -> None:
    """Hold a row against NOT NULL, in column order, and the checks, by name. Raises InvalidValue."""
    for column in table.columns:
        if not column.optional and getattr(entity, column.name) is None:
            raise InvalidValue(table.label, field=column.name, reason="null where a value is required")
    for check in table.checks:
        if check.holds(entity) is False:
            raise InvalidValue(table.label, constraint=check.name, reason=f"{check.sql} does not hold")


def check_references(unit: UnitOfWork, table: Table, written: Iterable[tuple[Any, Any | None]]) -> None:
    """Hold rows against their foreign keys: new ones, and changed ones, each with what it was. Raises ReferenceMissing.

    Rows that refer to a unique key that changes follow it (ON UPDATE CASCADE), and are judged after all the others: so
    PostgreSQL fires its triggers, and names the row that it comes to first.
    """
    waiting = deque((table, entity, before) for entity, before in written)
    while waiting:
        judged, entity, before = waiting.popleft()
        if before is not None:
            waiting.extend(_cascade_key_change(unit, judged, before, entity))
        # a row that went on with what it refers to is judged as it is then
        if unit.current(judged).get(judged.key_of(entity)) is entity:
            _check_references_of(unit, judged, entity, before)


def _check_references_of(unit: UnitOfWork, table: Table, entity: Any, before: Any | None) -> None:
    # of a row that the transaction itself has written PostgreSQL judges all references again
    is_own = before is not None and unit.database.rows(table).by_key.get(table.key_of(before)) is not before
    for foreign_key in table.foreign_keys:
        values = tuple(getattr(entity, name) for name in foreign_key.fields)
        if None in values:
            continue
        if before is not None and not is_own and values == tuple(getattr(before, name) for name in foreign_key.fields):
            continue
        parent = unit.database.table(foreign_key.target)
        unit.note_read(parent, _foreign_key_text(foreign_key, values))
        key = _referenced_key(unit.visible(parent), foreign_key, values)
        if key is None or (parent.name, key) in unit.gone:
            raise ReferenceMissing(table.label, foreign_key.name, table.key_of(entity))
        unit.database.locks.lock(unit, (parent.name, key), LockMode.KEY_SHARE)
        if (parent.name, key) in unit.rekeyed or _referenced_key(unit.current(parent), foreign_key, values) != key:
            message = f"{parent.label} was removed or got another key by a concurrent transaction: run it again"
            raise Conflict(message)


def _foreign_key_text(foreign_key: ForeignKey, values: tuple[Any, ...]) -> Predicate:
    """Return what tells the row that a foreign key's values name."""
    return lambda row: tuple(getattr(row, name) for name in foreign_key.target_fields) == values


def _referenced_key(view: TableView, foreign_key: ForeignKey, values: tuple[Any, ...]) -> Any | None:
    """Return the key of the row that a foreign key's values name, or None."""
    parent = view.base.table
    if foreign_key.target_fields == parent.key:
        key = values[0] if len(values) == 1 else values
        return None if view.get(key) is None else key
    return view.key_of_unique(parent.uniques.index(parent.unique_by(foreign_key.target_fields)), values)


def _cascade_key_change(unit: UnitOfWork, table: Table, before: Any, after: Any) -> Iterator[tuple[Table, Any, Any]]:
    """Give the rows that refer to a unique key of a row the key's new values, and yield them, each with what it was.

    Primary keys never change.
    """
    for child, foreign_key in unit.database.referring_to(table):
        if foreign_key.target_fields == table.key:
            continue
        old, new = (tuple(getattr(row, name) for name in foreign_key.target_fields) for row in (before, after))
        if old != new:
            for row in list(unit.current(child).bucket(foreign_key.fields, old).rows.values()):
                followed = _changed_by_key(child, row, dict(zip(foreign_key.fields, new, strict=True)))
                update_without_fk_check(unit, child, row, followed)
                yield child, followed, row


def _cascade_removal(
    unit: UnitOfWork,
    child: Table,
    foreign_key: ForeignKey,
    removed: Any,
    following: "deque[tuple[Table, ForeignKey, Any]]",
) -> None:
    values = tuple(getattr(removed, name) for name in foreign_key.target_fields)
    bucket = unit.current(child).bucket(foreign_key.fields, values[0] if len(values) == 1 else values)
    rows = list(bucket.rows.values())
    if not rows:
        return
    if foreign_key.on_delete is OnDelete.RESTRICT:
        unit.database.locks.lock(unit, (child.name, child.key_of(rows[0])), LockMode.KEY_SHARE)
        raise StillReferenced(child.label, foreign_key.name)
    if foreign_key.on_delete is OnDelete.CASCADE:
        _remove(unit, child, rows, following)
        return
    for row in rows:
        update_row(unit, child, row, _changed_by_key(child, row, dict.fromkeys(foreign_key.fields)))


def _changed_by_key(child: Table, row: Any, changes: dict[str, Any]) -> Any:
    """Return a row as its foreign key changes it; the version counts that as a change, as the trigger does."""
    versions = {"version": child.next_version(row.version)} if child.versioned else {}
    return child.replaced(row, **changes, **versions)


def _check_uniques(unit: UnitOfWork, table: Table, entity: Any, *, own: Any | None) -> None:
    for position, unique in enumerate(table.uniques):
        value = unique_key_value(unique, entity)
        if value is None:
            continue
        holder = _key_holding(unit, table, position, value)
        if holder is not None and holder != own:
            raise AlreadyExists(table.label, unique.name, table.key_of(entity))


def _key_holding(unit: UnitOfWork, table: Table, position: int, value: Any) -> Any | None:
    """Return the key of the row that has a unique value. Raises MustWait where that is not decided yet."""
    key = unit.current(table).key_of_unique(position, value)
    if key is None:
        unit.database.locks.reserve(unit, (table.uniques[position].name, value))
        return None
    writer = unit.database.locks.writer(unit, (table.name, key))
    if writer is not None:
        raise MustWait(writer)
    return key


def _update_mode(table: Table, before: Any, after: Any) -> LockMode:
    for unique in table.uniques:
        if _is_referencable(unique) and unique_key_value(unique, before) != unique_key_value(unique, after):
            return LockMode.UPDATE
    return LockMode.NO_KEY_UPDATE


def _is_referencable(unique: Unique) -> bool:
    """Say whether a unique key is neither partial nor over an expression, so that foreign keys could refer to it."""
    return unique.where is None and unique.transform is None
