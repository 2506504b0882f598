"""Writes what was read in batches, and finds the lines that storage refuses."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from strongroom.domain.errors import InvalidValue

from ..errors import AlreadyExists, ReferenceMissing
from ..results import BulkResult
from ..storage import Transaction
from .import_report import FactWithOrigin, ImportCounter, Rejections

ItemT = TypeVar("ItemT")
Row = FactWithOrigin[Any]

BATCH_SIZE: Final = 5_000
"""The number of entities that are held and written at a time."""


def batched(items: Iterable[ItemT], size: int = BATCH_SIZE) -> Iterator[list[ItemT]]:
    """Yield the items in lists of at most ``size``."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


class BatchWriter:
    """Writes batches within one transaction, counts them, and hands over the lines that storage refuses.

    A batch that is refused is undone to its savepoint and written again in halves, until the rows that are at fault
    stand alone: some twenty statements for each of them, none for the others' sake.
    """

    def __init__(self, transaction: Transaction, tally: ImportCounter, rejections: Rejections) -> None:
        self.transaction = transaction
        self.tally = tally
        self.rejections = rejections

    async def write(self, repository: str, rows: Sequence[Row], *, by: tuple[str, ...] | None = None) -> Sequence[Row]:
        """Insert or replace entities of one class, matched by the key or by the unique key ``by``.

        Returns the rows that storage took. Raises ImportRefused for a line that it refuses, unless such lines are
        skipped.
        """
        if not rows:
            return rows
        try:
            async with self.transaction.transaction() as savepoint:
                result: BulkResult = await getattr(savepoint, repository).bulk_upsert([row.fact for row in rows], by=by)
        except (InvalidValue, AlreadyExists, ReferenceMissing) as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                first = await self.write(repository, rows[:middle], by=by)
                return [*first, *await self.write(repository, rows[middle:], by=by)]
            field = error.field if isinstance(error, InvalidValue) else None
            self.rejections.refuse(rows[0].origin, field=field, reason=str(error))
            return []
        self.tally.add(type(rows[0].fact).__name__, result)
        return rows
