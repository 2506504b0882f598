"""Imports entities as they are, of any class."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import field, frozen

from ..storage import Storage, Transaction
from .import_batches import BatchWriter, batched
from .import_report import FactWithOrigin, ImportCounter, ImportReport, Rejections


@frozen
class EntityFact:
    """An entity, and the unique key by which a stored one is found (None: its key)."""

    entity: Any
    by: tuple[str, ...] | None


@frozen
class EntityImport:
    """Entities for the repository with a name.

    ``key_of`` gives an entity's key; ``refers_to`` the key of another entity of the same class that has to be there
    first, or None.
    """

    repository: str
    facts: Iterable[FactWithOrigin[EntityFact]]
    key_of: Callable[[Any], Any]
    refers_to: Callable[[Any], Any | None] | None = field(default=None)


async def import_entities(
    storage: Storage, imports: Sequence[EntityImport], *, rejections: Rejections, refresh: Sequence[str] = ()
) -> ImportReport:
    """Insert or replace entities of each import in turn, in one transaction, and return what was done.

    Of entities that match one another the last counts; imported again they change nothing. Entities that refer to
    others of their class may come in any order. ``refresh`` names the repositories of views to refresh at the
    end. Raises ImportRefused for the first bad line, unless bad lines are skipped, and whatever storage raises; nothing
    is kept then.
    """
    tally = ImportCounter()
    async with storage.transaction() as transaction:
        writer = BatchWriter(transaction, tally, rejections)
        for one in imports:
            await _import_one(transaction, writer, one)
        for repository in refresh:
            await getattr(transaction, repository).refresh()
    return tally.report(rejections)


async def _import_one(transaction: Transaction, writer: BatchWriter, one: EntityImport) -> None:
    waiting: list[FactWithOrigin[EntityFact]] = []
    for batch in batched(one.facts):
        ready, unready = await _partition_by_reference(transaction, one, batch)
        await _write(writer, one, ready)
        waiting += unready
    while waiting:
        ready, unready = await _partition_by_reference(transaction, one, waiting)
        await _write(writer, one, ready or waiting)  # in the end those that refer to one another, and to nobody
        waiting = unready if ready else []


async def _partition_by_reference(
    transaction: Transaction, one: EntityImport, batch: list[FactWithOrigin[EntityFact]]
) -> tuple[list[FactWithOrigin[EntityFact]], list[FactWithOrigin[EntityFact]]]:
    """Return the rows of a batch that refer to what is stored or within the batch's ready rows, and the others."""
    refers_to = one.refers_to
    if refers_to is None:
        return batch, []
    wanted = {key for row in batch if (key := refers_to(row.fact.entity)) is not None}
    found = await getattr(transaction, one.repository).get_many(sorted(wanted))
    known = {one.key_of(entity) for entity in found}
    ready: list[FactWithOrigin[EntityFact]] = []
    rest = batch
    while True:
        now = [row for row in rest if (key := refers_to(row.fact.entity)) is None or key in known]
        if not now:
            return ready, rest
        ready += now
        known.update(one.key_of(row.fact.entity) for row in now)
        written = {id(row) for row in now}
        rest = [row for row in rest if id(row) not in written]


async def _write(writer: BatchWriter, one: EntityImport, batch: list[FactWithOrigin[EntityFact]]) -> None:
    for by in dict.fromkeys(row.fact.by for row in batch):
        rows = [FactWithOrigin(row.fact.entity, row.origin) for row in batch if row.fact.by == by]
        await writer.write(one.repository, rows, by=by)
