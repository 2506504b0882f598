"""Times are instants for the ports, too: finders and use cases answer alike in whatever zone a time is written."""

import importlib
import inspect
import pkgutil
from datetime import UTC, datetime, timedelta
from typing import Final, get_args, get_type_hints
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import FixedClock, MemoryStorage, SequentialIds
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.bootstrap.demo.loading import load_sample
from strongroom.domain.accounts.user import User
from strongroom.domain.errors import StrongroomError
from strongroom.domain.protocols.chain import Chain
from strongroom.ports import use_cases
from strongroom.ports.repositories.safe_account import CreateSafe
from strongroom.ports.use_cases.add_safe import add_safe
from strongroom.ports.use_cases.portfolio_report import report_portfolio
from strongroom.ports.use_cases.value_portfolio import value_portfolio
from strongroom.testing.differential.calls import finder, finder_names
from strongroom.testing.factory import World

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
"""An hour and a half after the clocks of Berlin have changed."""


def takes_time(function):
    """Say whether a function takes a time: as an argument, or within one."""
    hints = get_type_hints(function)
    hints.pop("return", None)
    return any("datetime.datetime" in str(hint) for hint in hints.values())


FINDERS: Final = [
    (table, name)
    for table in PLATFORM.entities
    for name in finder_names(table)
    if takes_time(getattr(table.port, name))
]


@pytest.fixture(scope="module")
async def filled():
    """The twin with the sample platform."""
    async with MemoryStorage(clock=FixedClock(NOW), ids=SequentialIds()) as storage:
        await load_sample(storage)
        yield storage


def in_berlin(value):
    """Return arguments with their times written in the zone of Berlin."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            return value.astimezone(BERLIN)
        except OverflowError:
            return value
    if isinstance(value, list | tuple):
        return type(value)(in_berlin(each) for each in value)
    return {name: in_berlin(each) for name, each in value.items()} if isinstance(value, dict) else value


async def answer(storage, call):
    """Return what a call answers, or what it raises."""
    try:
        return await call.on(storage)
    except (StrongroomError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize(("table", "name"), FINDERS, ids=[f"{table.repository}.{name}" for table, name in FINDERS])
@settings(max_examples=max(5, settings().max_examples // 10))
@given(data=st.data())
async def test_a_finder_answers_alike_in_every_zone(filled, table, name, data):
    """A finder that is asked with the same instants in another zone finds the same rows."""
    call = data.draw(finder(table, name))
    other = evolve(call, arguments=in_berlin(call.arguments), named=in_berlin(call.named))
    assert await answer(filled, other) == await answer(filled, call)


async def valued(storage, at):
    """Value the portfolio of the sample's first user."""
    user = (await storage.users.find())[0]
    return await value_portfolio(storage, user.id, at, max_age=timedelta(minutes=90))


async def reported(storage, at):
    """Report the portfolio of the sample's first user."""
    user = (await storage.users.find())[0]
    return await report_portfolio(storage, user.id, at, days=3)


async def safe_added(storage, at):
    """Add a Safe whose owners own it since a time, in a storage of its own."""
    async with MemoryStorage(clock=FixedClock(NOW), ids=SequentialIds()) as fresh:
        world = World(fresh)
        user, chain, address = await world.added(User), await world.added(Chain), "0x" + "a5" * 20
        command = CreateSafe(
            user_id=user.id,
            chain_id=chain.id,
            address=address,
            threshold=1,
            singleton_address=address,
            contract_version="1.4.1",
        )
        safe = await add_safe(fresh, command, ["0x" + "b5" * 20], since=at)
        return await fresh.safe_owners.find_by_safe(safe.id)


USE_CASES: Final = {"value_portfolio": valued, "report_portfolio": reported, "add_safe": safe_added}


@pytest.mark.parametrize("name", USE_CASES)
async def test_a_use_case_answers_alike_in_every_zone(filled, name):
    """A use case that is given the same instant in another zone does the same."""
    times = [NOW - timedelta(minutes=minutes) for minutes in (0, 30, 60, 90, 120)]
    for at in times:
        assert await USE_CASES[name](filled, at.astimezone(BERLIN)) == await USE_CASES[name](filled, at)


def test_every_use_case_that_takes_a_time_is_among_them():
    """Every use case that takes a storage and a time is held against this rule."""
    found = set()
    for module in pkgutil.iter_modules(use_cases.__path__):
        for name, function in vars(importlib.import_module(f"{use_cases.__name__}.{module.name}")).items():
            if not inspect.iscoroutinefunction(function) or name.startswith("_"):
                continue
            hints = get_type_hints(function)
            times = [each for each in hints.values() if datetime in (each, *get_args(each))]
            if "storage" in hints and times:
                found.add(name)
    assert found == set(USE_CASES)


def test_a_fixed_clock_tells_the_time_in_utc():
    """A clock that is set in any zone tells the time in UTC, as the port promises."""
    clock = FixedClock(NOW.astimezone(BERLIN))
    assert clock.now().tzinfo is UTC
    clock.time = NOW.astimezone(BERLIN) + timedelta(hours=1)
    assert clock.now().tzinfo is UTC
    assert attrs.fields(FixedClock).time.converter is not None
