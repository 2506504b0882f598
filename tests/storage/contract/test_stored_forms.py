"""What is stored has one form, and what cannot be stored or asked is refused in one way, whatever the adapter."""

import decimal
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom.adapters.mapping.goal import GOAL
from strongroom.adapters.mapping.user import USER
from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.positions.position import Position
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.ports.criteria import Criteria, eq
from strongroom.ports.errors import InvalidValue
from strongroom.ports.storage import Storage
from strongroom.testing.factory import World


@pytest.mark.parametrize(
    ("given", "text"),
    [("1234.50", "1234.5"), ("1E+2", "100"), ("100.000", "100"), ("0E-18", "0"), ("1.0E-7", "1E-7"), ("0.1", "0.1")],
)
async def test_a_decimal_has_one_text(storage: Storage, world: World, given: str, text: str) -> None:
    """Equal Decimals come back with one text: no zeros at the end after the point, no exponent above 0."""
    goal = await world.added(Goal, start_usd=Decimal(given))
    found = [goal, await storage.goals.get(goal.id), *await storage.goals.find()]
    assert [str(each.start_usd) for each in found] == [text] * 3


async def test_json_comes_back_as_jsonb_writes_it(storage: Storage, world: World) -> None:
    """Keys of objects are sorted by length, then bytes; numbers do not depend on the caller's decimal context."""
    with decimal.localcontext(decimal.Context(prec=6)):
        given = {"seats": 3, "api": 1234.56789, "é": 0, "zz": {"bb": 123456789.25, "a": 2}}
        plan = await world.added(SubscriptionPlan, features=given)
        stored = [plan.features, (await storage.subscription_plans.get(plan.id)).features]
    text = '{"zz": {"a": 2, "bb": 123456789.25}, "é": 0, "api": 1234.56789, "seats": 3}'
    assert [json.dumps(features, ensure_ascii=False) for features in stored] == [text, text]


async def test_a_time_comes_back_without_a_fold(storage: Storage, world: World) -> None:
    """A time's fold means nothing in UTC, and a datetime's subclass is stored as a datetime."""

    class Moment(datetime):
        pass

    for given in (datetime(2026, 1, 1, tzinfo=UTC, fold=1), Moment(2026, 1, 1, tzinfo=UTC)):
        user = await world.ready(User)
        stored = await storage.users.add(USER.replaced(user, created_at=given))
        assert (type(stored.created_at), stored.created_at.fold) == (datetime, 0)


@pytest.mark.parametrize("size", [1280, 1281])
async def test_an_indexed_text_is_as_long_as_an_index_holds(storage: Storage, world: World, size: int) -> None:
    """A text that no index entry could hold is refused by its field, whether or not it could be compressed."""
    user = USER.replaced(await world.ready(User), email="x" * size)
    if size == 1280:
        assert await storage.users.add(user) == user
        return
    for call in (storage.users.add(user), storage.users.bulk_upsert([user])):
        with pytest.raises(InvalidValue) as caught:
            await call
        assert (caught.value.entity, caught.value.field) == ("User", "email")


@pytest.mark.parametrize(
    "value", [Decimal("1E-20000"), Decimal("0E-20000"), Decimal("1." + "1" * 16_384)], ids=[*"123"]
)
async def test_a_decimal_has_as_many_places_as_postgresql_reads(storage: Storage, world: World, value: Decimal) -> None:
    """A Decimal of more than 16383 places is refused by its field, though it would be rounded."""
    goal = GOAL.replaced(await world.ready(Goal), start_usd=value)
    with pytest.raises(InvalidValue) as caught:
        await storage.goals.add(goal)
    assert (caught.value.entity, caught.value.field) == ("Goal", "start_usd")


async def test_arguments_at_the_edges(storage: Storage, world: World) -> None:
    """A page may ask for everything; an age below zero matches nothing, at the end of all times either."""
    coin = await world.added(Coin)
    assert (await storage.coins.page(limit=sys.maxsize)).items == [coin]
    for at in (datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)):
        for age in (timedelta.min, timedelta(days=-3_000_000), timedelta(microseconds=-1)):
            assert await storage.prices.as_of(coin.id, at, max_age=age) is None


BAD: dict[str, tuple[type[Exception], Callable[[Storage, Position], Awaitable[Any]]]] = {
    "age": (TypeError, lambda s, p: s.prices.as_of(p.id, p.opened_at, max_age=3600)),  # type: ignore[arg-type]
    "ages": (TypeError, lambda s, _: s.prices.as_of_many([], max_age=3600)),  # type: ignore[arg-type]
    "flag": (TypeError, lambda s, p: s.chats.summaries(p.user_id, include_left=1)),  # type: ignore[arg-type]
    "limit": (TypeError, lambda s, _: s.users.page(limit=1.5)),  # type: ignore[arg-type]
    "isolation": (TypeError, lambda s, _: s.transaction(isolation="serializable").__aenter__()),  # type: ignore[arg-type]
    "source": (
        InvalidValue,
        lambda s, p: s.positions.update_valuation(p.id, Decimal(1), source=None),  # type: ignore[arg-type]
    ),
    "filters": (
        ValueError,
        lambda s, _: s.users.count(Criteria(where=tuple(eq("display_name") for _ in range(1001))), *["x"] * 1001),
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_wrong_argument_raises_the_same(storage: Storage, world: World, name: str) -> None:
    """An argument of the wrong type, or one too many, raises the same error in every adapter."""
    position = await world.added(Position)
    error, call = BAD[name]
    with pytest.raises(error):
        await call(storage, position)
