"""The twin and PostgreSQL, given the same calls one at a time: what one answers, the other must.

Each side has lanes. Lane 0 works outside transactions; the others hold a transaction each. A lane is a task, so a call
that has to wait for another lane's transaction waits there while the other lane goes on. PostgreSQL itself is asked
whether a call waits (pg_locks); the twin waits when the event loop has nothing left to do for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import asyncpg

from strongroom.ports.storage import Isolation
from strongroom.testing.comparison import Raised, Returned, call_outcome, exact_form
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

WAITING: Final = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE NOT granted AND datname = current_database()
"""
"""The number of calls in the database that wait for a lock."""
LANES: Final = 3
TURNS: Final = 200
"""Turns of the event loop after which the twin, which does no I/O, is known to wait."""
POLL_SECONDS: Final = 0.008
"""Seconds between two looks at a call of PostgreSQL that has not answered."""
LET_GO: Final = 0.5
"""Seconds in which a call that no longer has to wait ends."""
LOCK_WAIT_TIMEOUT: Final = 20.0
"""Seconds after which a call that neither answers nor waits for a lock is a fault of the harness."""


class Divergence(AssertionError):
    """The twin and PostgreSQL did not answer the same."""


class LeftByError(Exception):
    """Raised to leave a transaction without keeping it."""


class Lane:
    """A task that makes one call at a time against a storage, or against the transaction it holds open."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage
        self.open: list[tuple[AbstractAsyncContextManager[Any], Any]] = []
        self.left: Any = None
        self.latest: asyncio.Future[Any] | None = None
        self._calls: asyncio.Queue[tuple[Callable[[Lane], Awaitable[Any]], asyncio.Future[Any]]] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._work())

    @property
    def target(self) -> Any:
        """The object with the repositories: the innermost savepoint, the transaction, or the storage."""
        return self.open[-1][1] if self.open else self.storage

    @property
    def is_busy(self) -> bool:
        """Whether the lane's latest call has not ended."""
        return self.latest is not None and not self.latest.done()

    def submit(self, call: Callable[["Lane"], Awaitable[Any]]) -> "asyncio.Future[Any]":
        """Start a call; the future holds its outcome."""
        self.latest = future = asyncio.get_running_loop().create_future()
        self._calls.put_nowait((call, future))
        return future

    async def begin(self, isolation: Isolation, *, read_only: bool) -> None:
        """Open a transaction."""
        await self._enter(self.storage.transaction(isolation=isolation, read_only=read_only))

    async def savepoint(self) -> None:
        """Open a savepoint."""
        await self._enter(self.target.transaction())

    async def leave(self, *, by_error: bool) -> None:
        """Leave the innermost savepoint or transaction."""
        manager, self.left = self.open.pop()
        if not by_error:
            await manager.__aexit__(None, None, None)
            return
        error = LeftByError()
        if await manager.__aexit__(LeftByError, error, None):
            message = "the error that left the transaction was swallowed"
            raise AssertionError(message)

    async def stop(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _enter(self, manager: AbstractAsyncContextManager[Any]) -> None:
        self.open.append((manager, await manager.__aenter__()))

    async def _work(self) -> None:
        while True:
            call, future = await self._calls.get()
            try:
                future.set_result(await call_outcome(call(self)))
            except Exception as error:  # noqa: BLE001 - passed to the caller that awaits the future
                future.set_exception(error)


class Twins:
    """Both storages behind the same lanes."""

    def __init__(self, memory: Any, postgres: Any, monitor: "asyncpg.Connection[Any]") -> None:
        self.lanes = [(Lane(memory), Lane(postgres)) for _ in range(LANES)]
        self.pending: dict[int, tuple[str, asyncio.Future[Any], asyncio.Future[Any]]] = {}
        self._monitor = monitor

    def depth(self, lane: int) -> int:
        """Return how many transactions and savepoints a lane holds open."""
        return len(self.lanes[lane][1].open)

    async def play(self, lane: int, label: str, call: Callable[[Lane], Awaitable[Any]]) -> Returned | Raised | None:
        """Make a call on both sides and return the outcome, or None when it waits on both. Raises Divergence."""
        mine, theirs = self.lanes[lane]
        self.pending[lane] = (f"lane {lane}: {label}", mine.submit(call), theirs.submit(call))
        ended = await self._settle()
        return ended.get(lane)

    async def roll_back_all(self) -> None:
        """Leave everything that is open, without comparing; on each side what waits is let go by what it waits for."""
        for lanes in zip(*self.lanes, strict=True):
            while free := [lane for lane in lanes if lane.open and not lane.is_busy]:
                await free[0].submit(lambda lane: lane.leave(by_error=True))
                await asyncio.wait([lane.latest for lane in lanes if lane.latest], timeout=LET_GO)

    async def compare_contents(self) -> None:
        """Compare all rows of all tables. Raises Divergence."""
        for table in MODEL.entities:
            mine, theirs = [
                {table.key_of(row): exact_form(row) for row in await getattr(side.storage, table.repository).find()}
                for side in self.lanes[0]
            ]
            for key in mine.keys() | theirs.keys():
                if mine.get(key) != theirs.get(key):
                    message = f"{table.name} {key}:\n  memory   {mine.get(key)}\n  postgres {theirs.get(key)}"
                    raise Divergence(message)

    async def stop(self) -> None:
        """End all lanes."""
        for pair in self.lanes:
            for side in pair:
                await side.stop()

    async def _settle(self) -> dict[int, Any]:
        """Wait until every pending call has answered or waits for a lock, and compare what ended."""
        for _ in range(TURNS):
            if all(mine.done() for _, mine, _ in self.pending.values()):
                break
            await asyncio.sleep(0)
        await self._settle_postgres()
        for _ in range(TURNS):
            if all(mine.done() or not theirs.done() for _, mine, theirs in self.pending.values()):
                break
            await asyncio.sleep(0)
        ended: dict[int, Any] = {}
        for lane, (label, mine, theirs) in list(self.pending.items()):
            if not mine.done() and not theirs.done():
                continue
            del self.pending[lane]
            memory = mine.result() if mine.done() else "waits"
            postgres = theirs.result() if theirs.done() else "waits"
            if memory != postgres:
                message = f"{label}\n  memory   {memory}\n  postgres {postgres}"
                raise Divergence(message)
            ended[lane] = memory
        return ended

    async def _settle_postgres(self) -> None:
        seen_waiting = 0
        for _ in range(int(LOCK_WAIT_TIMEOUT / POLL_SECONDS)):
            running = [theirs for _, _, theirs in self.pending.values() if not theirs.done()]
            if not running:
                return
            done, _ = await asyncio.wait(running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if done:
                seen_waiting = 0
                continue
            if len(running) == 1:  # two that wait, wait for each other: PostgreSQL ends that by itself
                seen_waiting = seen_waiting + 1 if await self._monitor.fetchval(WAITING) else 0
            if seen_waiting == 2:
                return
        message = f"PostgreSQL neither answered nor waited for a lock: {[label for label, *_ in self.pending.values()]}"
        raise AssertionError(message)
