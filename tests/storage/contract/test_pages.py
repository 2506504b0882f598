"""Keyset pages and streams: together they are what ``find`` returns, whatever the order and the size."""

import inspect
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, get_args, get_origin, get_type_hints

import pytest

from strongroom.adapters.mapping.table import Table
from strongroom.domain.accounts.user import User, UserStatus
from strongroom.domain.positions.pool import Pool
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.criteria import ALL, Criteria, asc, desc, eq, gt
from strongroom.ports.errors import InvalidValue
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

EVERY_TABLE = pytest.mark.parametrize("table", MODEL.tables, ids=lambda table: table.name)
ORDERS = [
    (),
    (asc("apy"),),
    (desc("apy"),),
    (asc("apy"), desc("name")),
    (desc("apy"), asc("external_id"), desc("name")),
    (desc("external_id"), desc("id")),
    (asc("kind"), desc("apy"), asc("name")),
    (asc("apy_base"), desc("apy_reward")),
    (desc("id"), asc("name")),
]


async def all_pages(repository: Any, criteria: Criteria, *values: Any, limit: int) -> list[Any]:
    """Return the items of all pages, in order."""
    items: list[Any] = []
    after = None
    while True:
        page = await repository.page(criteria, *values, limit=limit, after=after)
        assert len(page.items) <= limit
        assert page.items or page.next is None
        items += page.items
        if page.next is None:
            return items
        assert len(page.items) == limit
        after = page.next


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join(f"{o.field}{'-' * o.descending}" for o in order))
async def test_pages_together_equal_find(world: World, order: Any) -> None:
    """Pages of any size, in both directions mixed, over nulls and ties, together equal ``find``."""
    for number in range(11):
        await world.added(
            Pool,
            name=f"pool {number % 3}",
            apy=None if number % 4 == 0 else Decimal(number % 2),
            external_id=None if number % 3 == 0 else f"e{number % 2}",
            apy_base=Decimal(number % 2),
        )
    criteria = Criteria(order=order)
    found = await world.storage.pools.find(criteria)
    assert len(found) == 11
    for limit in (1, 2, 5, 10, 11, 12):
        assert await all_pages(world.storage.pools, criteria, limit=limit) == found
        assert await world.storage.pools.find(criteria, limit=limit) == found[:limit]
    assert [pool async for pool in world.storage.pools.stream(criteria, batch=3)] == found


@EVERY_TABLE
async def test_every_table_pages_by_its_key(world: World, table: Table) -> None:
    """Without an order a page follows the key, whatever its fields."""
    rows = await world.several(table, 5)
    repository = world.repository(table)
    found = await repository.find()
    assert {table.key_of(row) for row in rows} <= {table.key_of(row) for row in found}
    assert await all_pages(repository, ALL, limit=2) == found
    assert [row async for row in repository.stream(batch=2)] == found


@EVERY_TABLE
async def test_every_field_orders_pages(world: World, table: Table) -> None:
    """Each field that can be compared can order pages, ascending and descending."""
    await world.several(table, 4)
    repository = world.repository(table)
    for column in table.columns:
        if column.is_comparable:
            for order in (asc(column.name), desc(column.name)):
                criteria = Criteria(order=(order,))
                assert await all_pages(repository, criteria, limit=1) == await repository.find(criteria)


async def test_a_page_keeps_its_filter(world: World) -> None:
    """The filters of a page hold on every page."""
    users = [await world.added(User, display_name=f"u{n}", status=list(UserStatus)[n % 2]) for n in range(9)]
    criteria = Criteria((eq("status"), gt("display_name")), (desc("display_name"),))
    wanted = [user for user in reversed(users) if user.status is UserStatus.ACTIVE and user.display_name > "u2"]
    assert await all_pages(world.storage.users, criteria, UserStatus.ACTIVE, "u2", limit=2) == wanted


async def test_pages_neither_skip_nor_repeat(world: World) -> None:
    """Rows written and removed between two pages do not move the others across the cursor."""
    users = [await world.added(User, display_name=name) for name in "bdfh"]
    by_name = Criteria(order=(asc("display_name"),))
    first = await world.storage.users.page(by_name, limit=2)
    await world.added(User, display_name="a")
    late = await world.added(User, display_name="e")
    await world.storage.users.remove(users[1].id)
    second = await world.storage.users.page(by_name, limit=2, after=first.next)
    assert second.items == [late, users[2]]
    third = await world.storage.users.page(by_name, limit=2, after=second.next)
    assert (third.items, third.next) == ([users[3]], None)


async def test_the_cursor_is_the_orders_values_and_the_key(world: World) -> None:
    """A cursor holds the values of the order's fields and of the key in the last row, key fields once."""
    coin_id = (await world.added(Price, at=START_TIME, source=PriceSource.MANUAL)).coin_id
    await world.added(Price, coin_id=coin_id, at=START_TIME + timedelta(days=1), source=PriceSource.MANUAL)
    page = await world.storage.prices.page(Criteria(order=(asc("price_usd"), desc("at"))), limit=1)
    [item] = page.items
    assert page.next == (item.price_usd, item.at, item.coin_id, item.source)


async def test_a_page_limit_below_one_is_refused(world: World) -> None:
    """A limit below 1 raises ValueError; so does a stream's batch below 1."""
    for limit in (0, -1):
        with pytest.raises(ValueError, match="1"):
            await world.storage.users.page(limit=limit)
        with pytest.raises(ValueError, match="1"):
            await world.storage.users.find(limit=limit)
    with pytest.raises(ValueError, match="1"):
        [user async for user in world.storage.users.stream(batch=0)]


async def test_a_cursor_must_fit_the_order(world: World) -> None:
    """A cursor of the wrong length or types raises InvalidValue; a null is taken only where the field may be null."""
    user = await world.added(User)
    by_name = Criteria(order=(asc("display_name"),))
    for wrong in (
        (),
        (None,),
        ("a",),
        ("a", "b"),
        (7, user.id),
        ("a", user.id, user.id),
        ("a", None),
        ("nul\0", user.id),
    ):
        with pytest.raises(InvalidValue):
            await world.storage.users.page(by_name, after=wrong)
    page = await world.storage.users.page(by_name, after=(None, user.id))
    assert page.items == []


async def test_a_stream_is_one_snapshot(world: World) -> None:
    """A stream yields what was there when it began, whatever is written meanwhile."""
    users = await world.several(User, 6)
    seen = []
    stream = world.storage.users.stream(Criteria(order=(asc("id"),)), batch=2)
    async for user in stream:
        seen.append(user)
        if len(seen) == 1:
            await world.added(User)
            await world.storage.users.remove(users[5].id)
            await world.storage.users.update(users[4])
    assert seen == users


async def test_a_stream_may_be_left_early(world: World) -> None:
    """Leaving a stream before its end leaves nothing behind that hinders other work."""
    await world.several(User, 5)
    for _ in range(12):
        stream = world.storage.users.stream(batch=1)
        async for _user in stream:
            break
        await stream.aclose()
    assert await world.storage.users.count() == 5


async def test_a_stream_runs_within_a_transaction(world: World) -> None:
    """A stream in a transaction yields what the transaction wrote, and other calls may run meanwhile."""
    async with world.storage.transaction() as tx:
        inner = World(tx)
        users = await inner.several(User, 5)
        seen = []
        async for user in tx.users.stream(batch=2):
            seen.append(user)
            assert await tx.users.get(user.id) == user
        assert seen == users


def _item_of(finder: Any) -> Any:
    """Return the class of the items of the list that a finder returns, or None."""
    returned = get_type_hints(finder)["return"]
    return get_args(returned)[0] if get_origin(returned) is list else None


FINDERS = [
    (table, name)
    for table in MODEL.entities
    for name, found in inspect.getmembers(table.port, inspect.isfunction)
    if name.startswith("find_") and _item_of(found) is table.entity
]


@pytest.mark.parametrize(("table", "name"), FINDERS, ids=[f"{table.name}.{name}" for table, name in FINDERS])
def test_every_finder_of_a_list_takes_a_limit(table: Table, name: str) -> None:
    """Nobody has to read all rows of a busy user to show the first ten; without a limit all are returned."""
    limit = inspect.signature(getattr(table.port, name)).parameters["limit"]
    assert (limit.kind, limit.default) == (inspect.Parameter.KEYWORD_ONLY, None)
