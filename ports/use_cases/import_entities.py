"""Imports entities as they are, of any one class."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from ..storage import Storage
from .import_batches import BatchWriter, batched
from .import_report import ImportReport, Rejections, Sourced, Tally


@frozen
class EntityFact:
    """An entity, and the unique key by which a stored one is found (None: its key)."""

    entity: Any
    by: tuple[str, ...] | None


async def import_entities(
    storage: Storage, repository: str, facts: Iterable[Sourced[EntityFact]], *, rejections: Rejections
) -> ImportReport:
    """Insert or replace entities through the repository with a name, in one transaction, and return what was done.

    Of entities that match one another the last counts; imported again they change nothing. Raises ImportRefused for the
    first bad line, unless bad lines are skipped, and whatever storage raises; nothing is kept then.
    """
    tally = Tally()
    async with storage.transaction() as transaction:
        writer = BatchWriter(transaction, tally, rejections)
        for batch in batched(facts):
            for by in dict.fromkeys(row.fact.by for row in batch):
                rows = [Sourced(row.fact.entity, row.origin) for row in batch if row.fact.by == by]
                await writer.write(repository, rows, by=by)
    return tally.report(rejections)
