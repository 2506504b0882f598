"""A state machine that gives the twin and PostgreSQL the same random operations and compares all they answer."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, Final, cast

import asyncpg
from attrs import Factory, define, frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from strongroom.adapters.mapping.table import Table
from strongroom.adapters.memory import MemoryStorage
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.storage import Isolation
from strongroom.testing.comparison import Raised, Returned
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.strategies import parent_rows, rows
from strongroom.testing.truncation import empty_tables
from strongroom.testing.values import START

from .calls import Call, finders, keys, reads, removals
from .twins import Lane, Twins

MODEL: Final = model_under_test()

MOST_SAVEPOINTS: Final = 4
INNER: Final = 2
"""How many are open in a savepoint of a transaction."""
TABLE = st.runner().flatmap(lambda machine: st.sampled_from(machine.tables))
VIEW = st.sampled_from(MODEL.views or MODEL.tables)
LANE = st.integers(0, 5)
ISOLATION = st.sampled_from((Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ, *Isolation))
RANDOM_KEY: Final = 38
"""Picks from this number on take any key; picks below it take a key that was written or tried."""


@frozen
class Aim:
    """A row to work on: one of those that were written or tried, or any."""

    table: str
    pick: int
    key: Any


@frozen
class Change:
    """A row, and what of another one it gets."""

    aim: Aim
    other: Any
    fields: list[str]


@frozen
class Batch:
    """Rows for one bulk, and the unique key that they are matched by."""

    table: str
    rows: list[Any]
    by: tuple[str, ...] | None


@cache
def aims(table: Table) -> st.SearchStrategy[Aim]:
    """Rows of a table to work on."""
    return st.builds(Aim, st.just(table.name), st.integers(0, 40), keys(table))


@cache
def changes(table: Table) -> st.SearchStrategy[Change]:
    """Changes of a row of a table."""
    names = st.sampled_from([column.name for column in table.columns])
    return st.builds(Change, aims(table), rows(table), st.lists(names, min_size=1, max_size=3))


@cache
def batches(table: Table) -> st.SearchStrategy[Batch]:
    """Bulks of a table's rows."""
    by = st.sampled_from((None, None, *(unique.fields for unique in table.uniques), ("nonsense",)))
    return st.builds(Batch, st.just(table.name), st.lists(rows(table), max_size=5), by)


def _clusters() -> tuple[tuple[Table, ...], ...]:
    """Return each table with those that it refers to and that refer to it: few tables at a time meet more often."""
    referred = {table.name: {key.target for key in table.foreign_keys} for table in MODEL.tables}
    return (
        MODEL.tables,
        *(
            tuple(
                other
                for other in MODEL.tables
                if other.name in {table.name, *referred[table.name]} or table.name in referred[other.name]
            )
            for table in MODEL.tables
        ),
    )


CLUSTERS: Final = _clusters()


@define
class Rig:
    """The resources that machines share: the event loop, PostgreSQL, and both sides' sources of time and identity."""

    loop: asyncio.AbstractEventLoop
    postgres: Any
    monitor: "asyncpg.Connection[Any]"
    clock: FixedClock
    memory_ids: SequentialIds
    postgres_ids: SequentialIds
    make_memory: Callable[..., Any] = MemoryStorage
    operations: Counter[str] = Factory(Counter)
    """The number of calls of each repository."""

    async def reset(self) -> Twins:
        """Empty PostgreSQL, make a new twin, and turn both sources back."""
        await empty_tables(self.monitor, MODEL)
        self.clock.time = START
        self.memory_ids.count = self.postgres_ids.count = 0
        return Twins(self.make_memory(model=MODEL, clock=self.clock, ids=self.memory_ids), self.postgres, self.monitor)


def run(  # noqa: PLR0913 - what a run may be confined to
    rig: Rig,
    *,
    examples: int,
    steps: int = 50,
    derandomize: bool,
    focus: tuple[Table, ...] = (),
    isolation: Isolation | None = None,
    shrink: bool = True,
) -> None:
    """Run the given number of random examples on both storages. Raises Divergence with the steps that led to it."""
    machine = type("Agreement", (Agreement,), {"rig": rig, "focus": focus, "isolation": isolation})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            database=None,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=cast("list[HealthCheck]", list(HealthCheck)),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        ),
    )


class Agreement(RuleBasedStateMachine):
    """Drives both storages; ``run`` sets the rig."""

    rig: ClassVar[Rig]
    focus: ClassVar[tuple[Table, ...]] = ()
    """The only tables to work on, where not any cluster of them."""
    isolation: ClassVar[Isolation | None] = None
    """The isolation of every transaction, if it is not drawn for each."""

    def __init__(self) -> None:
        super().__init__()
        self.twins = self.rig.loop.run_until_complete(self.rig.reset())
        self.known: dict[str, list[Any]] = {table.name: [] for table in MODEL.tables}
        self.tables = MODEL.tables
        self.alone = 0
        self.failed = False

    @initialize(
        seeded=st.sampled_from((True, True, True, False)),
        cluster=st.integers(0, len(CLUSTERS) - 1),
        isolations=st.lists(ISOLATION, max_size=2),
    )
    def seed(self, seeded: bool, cluster: int, isolations: list[Isolation]) -> None:  # noqa: FBT001 - passed by name
        """Choose the tables to work on, store rows that others can refer to, and open transactions."""
        self.tables = self.focus or CLUSTERS[cluster]
        for table, entities in parent_rows() if seeded else ():
            self._remember(table, *entities)
            self._call(0, Call(table.repository, "bulk_upsert", (entities,)))
        for lane, isolation in enumerate(isolations, 1):
            self._begin(lane, isolation, read_only=False)

    @rule(lane=LANE, row=TABLE.flatmap(rows), method=st.sampled_from(("add", "add", "upsert", "update")))
    def write(self, lane: int, row: Any, method: str) -> None:
        """Add, upsert or update any row."""
        table = MODEL.table_of(type(row))
        self._remember(table, row)
        self._call(self._writing_lane(lane), Call(table.repository, method, (row,)))

    @rule(lane=LANE, change=TABLE.flatmap(changes), method=st.sampled_from(("update", "upsert", "add")))
    def change(self, lane: int, change: Change, method: str) -> None:
        """Read a row and write it back with some fields changed."""
        table, number = MODEL.table_of(type(change.other)), self._writing_lane(lane)
        key = self._key(change.aim)
        if not isinstance(self._call(number, Call(table.repository, "get", (key,))), Returned):
            return
        other = {name: getattr(change.other, name) for name in change.fields if name not in table.key}
        row = table.replaced(self._last_read(number, table, key), **other)
        self._call(number, Call(table.repository, method, (row,)))

    @rule(lane=LANE, aim=TABLE.flatmap(aims), method=st.sampled_from(("remove", "remove", "lock")))
    def remove(self, lane: int, aim: Aim, method: str) -> None:
        """Remove a row, and what cascades from it; or hold it until the transaction ends."""
        self._call(self._writing_lane(lane), Call(MODEL.table_named(aim.table).repository, method, (self._key(aim),)))

    @rule(lane=LANE, call=TABLE.flatmap(removals))
    def remove_where(self, lane: int, call: Call) -> None:
        """Remove the rows that match."""
        self._call(self._writing_lane(lane), call)

    @rule(lane=LANE, batch=TABLE.flatmap(batches), method=st.sampled_from(("bulk_upsert", "bulk_add_missing")))
    def bulk(self, lane: int, batch: Batch, method: str) -> None:
        """Write several rows by the key or by another unique key."""
        table = MODEL.table_named(batch.table)
        self._remember(table, *batch.rows)
        self._call(self._writing_lane(lane), Call(table.repository, method, (batch.rows,), {"by": batch.by}))

    @rule(lane=LANE, call=TABLE.flatmap(reads))
    def read(self, lane: int, call: Call) -> None:
        """Read by a key or by any criteria."""
        self._call(self._reading_lane(lane), call)

    @rule(lane=LANE, call=TABLE.flatmap(finders))
    def find(self, lane: int, call: Call) -> None:
        """Call a finder, or anything else that only one repository does."""
        self._call(self._writing_lane(lane), call)

    @precondition(lambda _self: bool(MODEL.views))
    @rule(lane=LANE, call=VIEW.flatmap(lambda view: finders(view) | reads(view)))
    def view(self, lane: int, call: Call) -> None:
        """Refresh a materialized view, or read it."""
        self._call(self._writing_lane(lane), call)

    @rule(lane=st.sampled_from((1, 2)), isolation=ISOLATION, read_only=st.sampled_from((False,) * 7 + (True,)))
    def begin(self, lane: int, isolation: Isolation, read_only: bool) -> None:  # noqa: FBT001 - passed by name
        """Open a transaction if its lane has none."""
        if not self.twins.depth(lane) and 0 not in self.twins.pending and not self.alone:
            self._begin(lane, isolation, read_only=read_only)

    @precondition(lambda self: self.twins.depth(1) or self.twins.depth(2))
    @rule(lane=LANE)
    def savepoint(self, lane: int) -> None:
        """Open a savepoint."""
        number = self._writing_lane(lane)
        if number and self.twins.depth(number) < MOST_SAVEPOINTS:
            self._play(number, "savepoint", lambda on: on.savepoint())

    @precondition(lambda self: self.twins.depth(1) or self.twins.depth(2))
    @rule(lane=LANE, by_error=st.booleans())
    def leave(self, lane: int, by_error: bool) -> None:  # noqa: FBT001
        """Leave the innermost savepoint or transaction, by its end or by an error."""
        number = self._writing_lane(lane)
        if number and self.twins.depth(number):
            by_error = by_error or self._keeps_another_waiting_too_long(number)
            self._play(number, f"leave {'by an error' * by_error}", lambda on: on.leave(by_error=by_error))
            if self.twins.depth(self.alone) < INNER:
                self.alone = 0

    @precondition(lambda self: any(pair[0].left is not None for pair in self.twins.lanes))
    @rule(lane=LANE, call=TABLE.flatmap(reads))
    def use_what_was_left(self, lane: int, call: Call) -> None:
        """Use a savepoint or a transaction that was left."""
        number = self._writing_lane(lane)
        if self.twins.lanes[number][0].left is not None:
            self._play(number, f"{call} on what was left", lambda on: call.on(on.left))

    @rule(minutes=st.sampled_from((1, 60 * 24 * 31)))
    def tick(self, minutes: int) -> None:
        """Let time pass."""
        self.rig.clock.time += timedelta(minutes=minutes, microseconds=1)

    def teardown(self) -> None:
        """Let go what is open, and compare all that is stored."""
        loop = self.rig.loop
        try:
            while not self.failed:
                lanes = [lane for lane in (1, 2) if self.twins.depth(lane) and lane not in self.twins.pending]
                if not lanes:
                    loop.run_until_complete(self.twins.compare_contents())
                    break
                self._play(lanes[0], "leave at the end", lambda on: on.leave(by_error=False))
        finally:
            loop.run_until_complete(self.twins.roll_back_all())
            loop.run_until_complete(self.twins.stop())

    def _begin(self, lane: int, isolation: Isolation, *, read_only: bool) -> None:
        isolation = self.isolation or isolation
        if isolation is Isolation.SERIALIZABLE and self.twins.depth(3 - lane):
            isolation = Isolation.REPEATABLE_READ  # of two serializable ones PostgreSQL judges by the pages they read
        label = f"begin {isolation.value}{' read-only' * read_only}"
        self._play(lane, label, lambda on: on.begin(isolation, read_only=read_only))

    def _call(self, lane: int, call: Call) -> Returned | Raised | None:
        self.rig.operations[call.repository] += 1
        return self._play(lane, str(call), lambda on: call.on(on.target))

    def _play(self, lane: int, label: str, call: Callable[[Lane], Any]) -> Returned | Raised | None:
        if lane in self.twins.pending:
            return None
        try:
            return self.rig.loop.run_until_complete(self.twins.play(lane, label, call))
        except BaseException:
            self.failed = True
            raise

    def _keeps_another_waiting_too_long(self, lane: int) -> bool:
        """Say whether to leave by an error, as somebody else may wait for what was done in a savepoint within another.

        PostgreSQL lets it wait for the whole transaction once the inner savepoint is kept, even when the outer one is
        undone; the twin does not. A lane that keeps one goes on alone until the outer one is left.
        """
        if self.twins.depth(lane) <= INNER:
            return False
        if self.twins.pending or self.twins.depth(3 - lane):
            return True
        self.alone = lane
        return False

    def _writing_lane(self, lane: int) -> int:
        """Return the lane to write in: while one waits only the other goes on, so that no two wait at once."""
        open_lanes = [number for number in (1, 2) if self.twins.depth(number) and number not in self.twins.pending]
        if self.alone or self.twins.pending:
            return self.alone or (open_lanes[0] if open_lanes else 0)
        free = open_lanes if len(open_lanes) == 2 else [0, *open_lanes]
        return free[lane % len(free)]

    def _reading_lane(self, lane: int) -> int:
        free = [
            number
            for number in range(3)
            if (not number or self.twins.depth(number)) and number not in self.twins.pending
        ]
        return free[lane % len(free)]

    def _remember(self, table: Table, *entities: Any) -> None:
        known = self.known[table.name]
        known += [key for row in entities if (key := table.key_of(row)) not in known]

    def _key(self, aim: Aim) -> Any:
        known = self.known[aim.table]
        return known[aim.pick % len(known)] if known and aim.pick < RANDOM_KEY else aim.key

    def _last_read(self, lane: int, table: Table, key: Any) -> Any:
        async def read() -> Any:
            return await getattr(self.twins.lanes[lane][0].target, table.repository).get(key)

        return self.rig.loop.run_until_complete(read())
