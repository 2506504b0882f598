"""The works: what is measured, how often a turn does it, and where its rows are."""

from typing import Final

from attrs import frozen


@frozen
class Work:
    """A work of the table; ``calls`` is how often one turn does it, by each number of tasks."""

    name: str
    title: str
    calls: dict[int, int]
    writes: bool = False
    world: str = "platform"
    fast_only_at: frozenset[int] = frozenset()
    """Numbers of tasks at which a turn of the slowest contenders would take many seconds: they are left out."""


TASKS: Final = (1, 64)
_HEAVY: Final = frozenset({64})

WORKS: Final = (
    Work("get", "get by id", {1: 200, 64: 1280}),
    Work("find", "find_by_user, 40 rows", {1: 80, 64: 320}),
    Work("wide", "10,000 valuations", {1: 2, 64: 64}, fast_only_at=_HEAVY),
    Work("page", "a page of 100 prices", {1: 60, 64: 320}),
    Work("stream", "stream of 8,760 prices", {1: 2, 64: 64}, fast_only_at=_HEAVY),
    Work("as-of", "price as of a time", {1: 200, 64: 1280}),
    Work("pairs", "1,000 as-of pairs at once", {1: 4, 64: 64}, fast_only_at=_HEAVY),
    Work("update", "update_valuation", {1: 60, 64: 640}, writes=True),
    Work("create", "create + valuation, one transaction", {1: 30, 64: 320}, writes=True),
    Work("million", "stream of 1,000,000 prices", {1: 1}, world="prices_1000000"),
)
BY_NAME: Final = {work.name: work for work in WORKS}
SLOW: Final = frozenset({"SQLAlchemy Core", "SQLAlchemy ORM", "Tortoise", "Piccolo", "psycopg 3"})
"""Who is left out where a turn would take too long."""
