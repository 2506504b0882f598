"""What every contender does: open a pool, do works, and show what they return."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from ..kept import Address
from ..platform_world import Sample
from ..statements import POSITION, PRICE, VALUATION

CONNECTIONS: Final = 30
"""The most connections of every contender's pool, and strongroom's default."""
BATCH: Final = 1000
"""How many rows a stream holds at a time."""
FIELDS: Final = {
    "get": POSITION,
    "find": POSITION,
    "wide": VALUATION,
    "page": PRICE,
    "stream": PRICE,
    "million": PRICE,
    "as-of": PRICE,
    "pairs": PRICE,
}
_TIMES: Final = frozenset({"at", "valued_at", "opened_at", "closed_at", "created_at", "updated_at"})
_NUMBERS: Final = frozenset(
    {"shares", "cost_basis_usd", "realised_pnl_usd", "value_usd", "price_per_share", "price_usd", "confidence"}
)
Work = Callable[[int], Awaitable[Any]]
"""Does a work once; its number chooses what is asked for, or what is written."""


class Contender:
    """A library under measurement; ``works`` are set by ``open``."""

    name: str
    works: Mapping[str, Work]

    async def open(self, address: Address, sample: Sample) -> None:
        """Open a pool of at most ``CONNECTIONS``."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the pool."""
        raise NotImplementedError

    async def prepare(self, work: str) -> None:
        """Put the database into the state that a work starts from; not measured."""

    async def seconds(self, work: str, calls: int, tasks: int, first: int) -> float:
        """Return how long calls ``first`` to ``first + calls - 1`` take, by so many tasks at once."""
        call = self.works[work]
        numbers = iter(range(first, first + calls))

        async def run() -> None:
            for number in numbers:
                await call(number)

        if tasks == 1:
            begun = time.perf_counter()
            await run()
            return time.perf_counter() - begun
        begun = time.perf_counter()
        await asyncio.gather(*(run() for _ in range(tasks)))
        return time.perf_counter() - begun

    async def rows(self, work: str, number: int) -> list[dict[str, Any]]:
        """Return what a read returns, in a form in which equal rows of all contenders are equal."""
        result = await self.works[work](number)
        found = result if isinstance(result, list) else [result]
        return [{field: plain(field, _value(row, field)) for field in FIELDS[work]} for row in found]


def plain(field: str, value: Any) -> Any:
    """Return a field's value without what tells one driver's types from another's."""
    if value is None:
        return None
    if field in _TIMES:
        time = datetime.fromisoformat(value) if isinstance(value, str) else value
        return time.astimezone(UTC)
    if field in _NUMBERS:
        return Decimal(value)
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID | str) else value


def _value(row: Any, field: str) -> Any:
    """Return a field of a row that is a mapping or an object."""
    try:
        return row[field]
    except TypeError:
        return getattr(row, field)
