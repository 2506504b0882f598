"""Row locks and reserved unique values: who waits for whom, and who loses a deadlock."""

import asyncio
from collections.abc import Hashable
from typing import Final

from strongroom.ports.errors import Conflict

from .transaction_state import LockMode, RowId, TransactionState

_CONFLICTS: Final = {
    LockMode.KEY_SHARE: {LockMode.UPDATE},
    LockMode.NO_KEY_UPDATE: {LockMode.NO_KEY_UPDATE, LockMode.UPDATE},
    LockMode.UPDATE: set(LockMode),
}


class MustWait(Exception):
    """The statement cannot go on before another unit of work ends or leaves a savepoint; ``row`` is what it locks."""

    def __init__(self, holder: TransactionState, row: RowId | None = None) -> None:
        self.holder = holder
        self.row = row


class Locks:
    """Every lock held by the units of work that are under way."""

    def __init__(self) -> None:
        self._rows: dict[RowId, dict[TransactionState, LockMode]] = {}
        self._values: dict[Hashable, TransactionState] = {}
        self._waits: dict[TransactionState, tuple[int, TransactionState, asyncio.Future[None]]] = {}
        self._count = 0

    def lock(self, unit: TransactionState, row: RowId, mode: LockMode) -> None:
        """Lock a row for a unit. Raises MustWait when another holds a lock that does not go with it."""
        holders = self._rows.get(row)
        if holders is None:
            self._rows[row] = {unit: mode}
            unit.held_rows.append((row, None))
            return
        conflicting = _CONFLICTS[mode]
        for holder, held in holders.items():
            if holder is not unit and held in conflicting:
                raise MustWait(holder, row)
        before = holders.get(unit)
        if before is None or before < mode:
            holders[unit] = mode
            unit.held_rows.append((row, before))

    def mode(self, unit: TransactionState, row: RowId) -> LockMode | None:
        """Return how a unit has locked a row, or None."""
        return self._rows.get(row, {}).get(unit)

    def writer(self, unit: TransactionState, row: RowId) -> TransactionState | None:
        """Return the other unit that has written a row (not just locked it) and not ended, or None."""
        name, key = row
        for holder in self._rows.get(row, ()):
            if holder is unit:
                continue
            layer = holder.written.get(name)
            if row == holder.replacing or (layer is not None and key in layer.hidden):
                return holder
        return None

    def reserve(self, unit: TransactionState, value: Hashable) -> None:
        """Reserve a unique value for a unit. Raises MustWait when another has written it and not ended."""
        holder = self._values.get(value)
        if holder is None:
            self._values[value] = unit
            unit.held_values.append(value)
        elif holder is not unit:
            raise MustWait(holder)

    def release(self, unit: TransactionState, rows: int = 0, values: int = 0) -> None:
        """Give back what a unit locked after its first so many rows and values, and wake who waits for it."""
        while len(unit.held_rows) > rows:
            row, before = unit.held_rows.pop()
            holders = self._rows[row]
            if before is not None:
                holders[unit] = before
                continue
            del holders[unit]
            if not holders:
                del self._rows[row]
        while len(unit.held_values) > values:
            del self._values[unit.held_values.pop()]
        for _, holder, waiter in self._waits.values():
            if holder is unit and not waiter.done():
                waiter.set_result(None)

    async def wait(self, unit: TransactionState, holder: TransactionState) -> None:
        """Wait until the holder releases something. Raises Conflict when that would be for ever.

        Of units that wait for one another in a ring, the one that waits longest loses: PostgreSQL's detector too
        first fires in the session that has waited longest.
        """
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        self._waits[unit] = self._count, holder, waiter
        try:
            ring = self._wait_cycle(unit)
            if ring:
                loser = min(ring, key=lambda member: self._waits[member][0])
                deadlock = Conflict("the transaction lost against a concurrent one: run it again")
                if loser is unit:
                    raise deadlock
                self._waits[loser][2].set_exception(deadlock)
            await waiter
        finally:
            del self._waits[unit]

    def _wait_cycle(self, unit: TransactionState) -> list[TransactionState]:
        ring, current = [unit], self._waits[unit][1]
        while current is not unit:
            if current in ring or current not in self._waits:
                return []
            ring.append(current)
            current = self._waits[current][1]
        return [member for member in ring if not self._waits[member][2].done()]
