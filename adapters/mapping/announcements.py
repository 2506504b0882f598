"""Which tables tell of their new rows, and what they tell: once, for both adapters.

In the database a trigger ``<table>_announce`` does it, whoever writes, by the function ``announce_<table>``.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from attrs import fields, frozen

from strongroom.ports.change_feed import MessageAdded, PositionValued, RowChange


@frozen
class Announcement:
    """What is told of a new row: the columns, in the order of the fact's fields."""

    fact: type[RowChange]
    columns: tuple[str, ...]

    def from_row(self, row: Any) -> RowChange:
        """Return what is told of an entity."""
        return self.fact(*(getattr(row, column) for column in self.columns))

    def from_texts(self, texts: Iterable[str]) -> RowChange:
        """Return what is told by the columns' values as JSON has them; raises where they are none."""
        read = (_PARSERS[field.type] for field in fields(self.fact))
        return self.fact(*(reader(text) for reader, text in zip(read, texts, strict=True)))


ANNOUNCEMENTS: Final = {
    "messages": Announcement(MessageAdded, ("chat_id", "id")),
    "nmt_position_valuation": Announcement(PositionValued, ("position_id", "at")),
}
"""The announcements by table."""

_PARSERS: Final[dict[Any, Callable[[str], Any]]] = {
    UUID: UUID,
    datetime: lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
}
"""How values are read: the triggers tell times in UTC, without saying so."""
