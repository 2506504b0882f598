"""What repositories give back besides entities."""

from typing import Generic, TypeVar

from attrs import frozen

from .criteria import Cursor

EntityT = TypeVar("EntityT")


@frozen
class Page(Generic[EntityT]):
    """One page of a keyset: its items, and the cursor of the next page (None when this is the last)."""

    items: list[EntityT]
    next: Cursor | None


@frozen
class BulkResult:
    """What a bulk write did, in rows; the parts add up to the distinct keys that were given."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "BulkResult") -> "BulkResult":
        return BulkResult(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )
