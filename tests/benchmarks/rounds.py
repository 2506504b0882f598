"""Interleaved rounds: in each everybody has a turn, in another order; a ratio compares turns of one round alone."""

import gc
import statistics
import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from attrs import field, frozen

from .contenders.contender import Contender

OURS: Final = "strongroom"
LEAST_ROUNDS: Final = 3
MOST_ROUNDS: Final = 25


@frozen
class Spread:
    """The median of rounds, and their extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of some rounds' values."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}..{self.most:.2f})"


@frozen
class Measured:
    """What a work took: seconds a call of each contender, round by round."""

    work: str
    title: str
    tasks: int
    seconds: dict[str, list[float]]
    left_out: dict[str, str] = field(factory=dict)
    """Who did not take part, and why."""
    ours: str = OURS

    def ratio(self, contender: str) -> Spread:
        """Return a contender's time divided by ours, over the rounds: above 1 we are faster."""
        own = self.seconds[self.ours]
        return Spread.of([theirs / mine for theirs, mine in zip(self.seconds[contender], own, strict=True)])

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON."""
        ratios = {name: self.ratio(name) for name in self.seconds if name != self.ours}
        return {
            "work": self.work,
            "title": self.title,
            "tasks": self.tasks,
            "rounds": len(self.seconds[self.ours]),
            "microseconds": round(statistics.median(self.seconds[self.ours]) * 1e6, 1),
            "ratios": {
                name: {"median": round(each.median, 3), "min": round(each.least, 3), "max": round(each.most, 3)}
                for name, each in ratios.items()
            },
            "left_out": self.left_out,
        }


class Numbers:
    """The numbers of calls: each is given once in a run, so that no two writes are the same."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> int:
        """Return the first of so many numbers."""
        first = self._next
        self._next += count
        return first


async def measure(
    contenders: Sequence[Contender],
    work: str,
    *,
    calls: int,
    tasks: int,
    budget: float,
    numbers: Numbers,
    rounds: int = MOST_ROUNDS,
    warm: bool = False,
) -> dict[str, list[float]]:
    """Return seconds a call, round by round; the budget in seconds bounds the rounds.

    Everybody has a turn of warming up first, unless the contenders are ``warm``.
    """
    begun = time.perf_counter()
    gc.collect()
    gc.freeze()
    try:
        for contender in contenders if not warm else ():
            await _turn(contender, work, calls, tasks, numbers)
        seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
        for number, order in enumerate(_orders(contenders)):
            if number == rounds or (number >= LEAST_ROUNDS and time.perf_counter() - begun > budget):
                break
            for contender in order:
                seconds[contender.name].append(await _turn(contender, work, calls, tasks, numbers) / calls)
    finally:
        gc.unfreeze()
    return seconds


async def _turn(contender: Contender, work: str, calls: int, tasks: int, numbers: Numbers) -> float:
    """Give a contender its turn, without the garbage of the one before."""
    await contender.prepare(work)
    gc.collect()
    return await contender.seconds(work, calls, tasks, numbers.take(calls))


def _orders(contenders: Sequence[Contender]) -> Iterator[list[Contender]]:
    random = Random(0)
    while True:
        yield random.sample(contenders, len(contenders))
