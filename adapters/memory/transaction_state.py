"""The state of a transaction, as locks, snapshots and serializable isolation know it; ``unit_of_work`` acts on it.

As in PostgreSQL (Table-Level and Row-Level Locks, chapter 13.3), a row that is referred to is locked FOR KEY SHARE, a
row that is updated FOR NO KEY UPDATE (or FOR UPDATE where a unique key changes), a row that is removed FOR UPDATE.
"""

from collections.abc import Hashable
from enum import IntEnum
from typing import Any

from strongroom.ports.storage import Isolation

from .layers import Layer

RowId = tuple[str, Any]
"""A table's name and the key of one of its rows."""


class LockMode(IntEnum):
    """How a row is locked."""

    KEY_SHARE = 0
    NO_KEY_UPDATE = 1
    UPDATE = 2


class TransactionState:
    """What one transaction holds, has written and sees."""

    def __init__(self, isolation: Isolation, *, read_only: bool) -> None:
        self.isolation = isolation
        self.read_only = read_only
        self.held_rows: list[tuple[RowId, LockMode | None]] = []
        self.held_values: list[Hashable] = []
        self.written: dict[str, Layer] = {}
        self.snapshot: dict[str, Layer] | None = None
        self.rekeyed: set[RowId] = set()
        self.replaced: set[RowId] = set()
        """Rows that the unit removed and committed anew: others under the same keys, to whoever waited for them."""
        self.gone: set[RowId] = set()
        """Rows that the statement under way has waited for, and that are replaced."""
        self.replacing: RowId | None = None
        """The row that the statement under way is writing, while it waits for a unique value of the new one."""
