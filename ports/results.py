"""Define the results of repositories other than entities."""

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
    """The row counts of a bulk write; they add up to the number of distinct keys given."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "BulkResult") -> "BulkResult":
        return BulkResult(
            self.inserted + other.inserted,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )
