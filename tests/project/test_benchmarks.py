"""The benchmarks' own arithmetic, without a server: what a ratio is, who has a turn when, and what fails."""

import asyncio
from typing import Any

import pytest
from benchmarks.contenders.contender import Contender, plain
from benchmarks.docs import tables
from benchmarks.regressions import WORKS, fallen
from benchmarks.rounds import Measured, Numbers, Spread, measure


class _Counting(Contender):
    """A contender that notes which numbers it was given, and in which order turns were taken."""

    def __init__(self, name: str, turns: list[str]) -> None:
        self.name = name
        self.turns = turns
        self.given: list[int] = []
        self.works = {"work": self._do}

    async def _do(self, number: int) -> None:
        self.given.append(number)
        await asyncio.sleep(0)

    async def prepare(self, work: str) -> None:
        self.turns.append(f"{self.name}: {work}")


def test_a_ratio_is_the_others_time_divided_by_ours() -> None:
    """Above 1 strongroom is faster; it is compared round by round, not median by median."""
    measured = Measured("get", "get", 1, {"strongroom": [1.0, 2.0, 4.0], "other": [2.0, 2.0, 2.0]})
    assert measured.ratio("other") == Spread(1.0, 0.5, 2.0)


@pytest.mark.parametrize("tasks", [1, 3])
async def test_everybody_has_a_turn_in_each_round(tasks: int) -> None:
    """All do the same number of calls in every round, and no number is given twice."""
    turns: list[str] = []
    contenders = [_Counting(name, turns) for name in ("strongroom", "a", "b")]
    seconds = await measure(contenders, "work", calls=5, tasks=tasks, budget=0, numbers=Numbers())
    rounds = {len(each) for each in seconds.values()}
    assert rounds == {3}
    assert [sorted(turns[start : start + 3]) for start in range(0, 12, 3)] == [
        ["a: work", "b: work", "strongroom: work"]
    ] * 4
    given = [number for contender in contenders for number in contender.given]
    assert sorted(given) == list(range(3 * 5 * 4))


def test_a_ratio_below_three_quarters_of_the_kept_one_has_fallen() -> None:
    """A regression is a ratio that fell, whatever the times of the machine are."""
    kept = dict.fromkeys(WORKS, 2.0)
    assert fallen(kept | {"get": 1.49, "find": 1.5}, kept) == ["get"]


def test_rows_of_different_drivers_compare_equal() -> None:
    """Text of another process, numbers and times stand for the same values."""
    assert plain("shares", "10") == plain("shares", 10)
    assert plain("at", "2026-01-01T00:00:00Z") == plain("at", "2026-01-01T01:00:00+01:00")
    assert plain("shares", "10") != plain("shares", 11)


def test_the_page_shows_who_took_part_in_a_work() -> None:
    """A contender that was left out of a work has a dash there."""
    ratio = {"median": 1.5, "min": 1.25, "max": 2.0}
    work: dict[str, Any] = {"title": "get", "tasks": 1, "microseconds": 99.6, "ratios": {"asyncpg": ratio}}
    other = work | {"title": "find", "ratios": {"asyncpg": ratio, "asyncpg, tuned": ratio}}
    shown = tables({"python": "3.11", "processor": "x", "versions": {}, "works": [work, other], "growth": []})
    assert "| get | 1 | 100 µs | - | 1.50 (1.25..2.00) |" in shown
