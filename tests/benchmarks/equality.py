"""Before anything is measured: whether all contenders return the same rows, and write the same."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from .contenders.contender import FIELDS, Contender, plain
from .platform_world import time_of, value_of
from .rounds import Numbers
from .statements import POSITION

_OWN = frozenset({"id", "created_at", "updated_at"})
"""What each contender makes up for itself."""


class Differs(AssertionError):
    """A contender does not do the work that the others do."""


async def require_same_rows(contenders: Sequence[Contender], work: str) -> None:
    """Raise Differs unless all contenders return the rows that the first does, for two different calls."""
    for number in (0, 1):
        expected = await contenders[0].rows(work, number)
        for contender in contenders[1:]:
            found = await contender.rows(work, number)
            if found != expected:
                place = next(
                    (n for n, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other), -1
                )
                message = (
                    f"{contender.name}, {work}: {len(found)} rows where {contenders[0].name} returns {len(expected)}; "
                    f"the first that differs is {found[place]} where {expected[place]} is expected"
                )
                raise Differs(message)


async def require_same_writes(
    contenders: Sequence[Contender], work: str, numbers: Numbers, connection: "asyncpg.Connection[Any]"
) -> None:
    """Raise Differs unless each contender's write leaves the position and the valuation that it should."""
    for contender in contenders:
        number = numbers.take(1)
        await contender.seconds(work, 1, 1, number)
        at, value = time_of(number), value_of(number)
        column = "valued_at" if work == "update" else "opened_at"
        row = await connection.fetchrow(
            f"SELECT nmt_position.*, appended.value_usd AS appended FROM nmt_position "
            f"JOIN nmt_position_valuation AS appended ON position_id = id AND at = $1 WHERE {column} = $1",
            at,
        )
        if row is None or row["appended"] != value:
            message = f"{contender.name}, {work}: the valuation of {at} is missing or wrong: {row}"
            raise Differs(message)
        if work == "update":
            if row["value_usd"] != value:
                message = f"{contender.name}, update: the position was not moved to its valuation: {row}"
                raise Differs(message)
            continue
        found = {field: plain(field, row[field]) for field in POSITION if field not in _OWN}
        expected = {**EXPECTED_OF_CREATE, "opened_at": at}
        if any(found[field] != value for field, value in expected.items()):
            message = f"{contender.name}, create: {found} where {expected} is expected"
            raise Differs(message)


EXPECTED_OF_CREATE: dict[str, Any] = {
    "safe_id": None,
    "status": "active",
    "shares": 0,
    "cost_basis_usd": 0,
    "value_usd": 0,
    "valued_at": None,
    "closed_at": None,
    "version": 1,
}
READS = tuple(FIELDS)
