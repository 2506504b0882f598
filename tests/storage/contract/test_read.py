"""Reading by key and by criteria: absence, repeats, nulls, comparison, and what is refused."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.mapping.table import Table
from strongroom.domain.accounts.user import User, UserStatus
from strongroom.domain.accounts.user_address import AddressKind, UserAddress
from strongroom.domain.positions.pool import Pool
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.criteria import (
    Criteria,
    Filter,
    Operator,
    asc,
    desc,
    eq,
    ge,
    gt,
    in_,
    is_null,
    le,
    lt,
    not_null,
)
from strongroom.ports.errors import InvalidValue, NotFound, UnknownField
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.values import USDC, USDC_WRONG

from .property_settings import RELAXED

MODEL: Final = model_under_test()

EVERY_TABLE = pytest.mark.parametrize("table", MODEL.tables, ids=lambda table: table.name)
WITH_JSON = [table for table in MODEL.tables if any(not column.is_comparable for column in table.columns)]


@EVERY_TABLE
async def test_a_missing_key_raises_not_found(world: World, table: Table) -> None:
    """``get`` of a key that no row has raises NotFound with it; ``exists`` says no; ``get_many`` leaves it out."""
    key, repository = world.absent_key(table), world.repository(table)
    with pytest.raises(NotFound) as caught:
        await repository.get(key)
    assert (caught.value.entity, caught.value.key) == (table.label, key)
    assert not await repository.exists(key)
    assert await repository.get_many([key, key]) == []


@EVERY_TABLE
async def test_an_empty_table_can_be_read(world: World, table: Table) -> None:
    """Without rows there is nothing to find, count, page or stream."""
    repository = world.repository(table)
    assert await repository.find() == []
    assert await repository.find_one(Criteria()) is None
    assert await repository.count() == 0
    page = await repository.page()
    assert (page.items, page.next) == ([], None)
    assert [row async for row in repository.stream()] == []
    assert await repository.get_many([]) == []


@EVERY_TABLE
async def test_get_many_follows_the_keys(world: World, table: Table) -> None:
    """``get_many`` answers in the order of the keys; absent keys are left out, repeated ones repeat."""
    first, second = await world.several(table, 2)
    keys = [table.key_of(row) for row in (second, first)]
    repository = world.repository(table)
    found = await repository.get_many([keys[0], world.absent_key(table), keys[1], keys[0]])
    assert exact_form(found) == exact_form([second, first, second])
    assert await repository.exists(keys[0])


@EVERY_TABLE
async def test_every_field_can_be_filtered_by(world: World, table: Table) -> None:
    """Each field that can be compared finds its row by equality, membership, bounds, and by being null or not."""
    row = await world.added(table)
    repository, key = world.repository(table), table.key_of(row)
    for column in table.columns:
        value = getattr(row, column.name)
        if not column.is_comparable:
            continue
        name = column.name
        if value is None:
            assert key in keys_of(table, await repository.find(Criteria((is_null(name),))))
            assert key not in keys_of(table, await repository.find(Criteria((not_null(name),))))
            continue
        for condition in (eq(name), ge(name), le(name)):
            assert key in keys_of(table, await repository.find(Criteria((condition,)), value))
        for condition in (lt(name), gt(name)):
            assert key not in keys_of(table, await repository.find(Criteria((condition,)), value))
        assert key in keys_of(table, await repository.find(Criteria((in_(name),)), [value, value]))
        assert await repository.find(Criteria((in_(name),)), []) == []
        assert key in keys_of(table, await repository.find(Criteria((not_null(name),))))
        assert key not in keys_of(table, await repository.find(Criteria((is_null(name),))))


def keys_of(table: Table, rows: list[Any]) -> list[Any]:
    """Return the keys of rows."""
    return [table.key_of(row) for row in rows]


async def test_filters_are_joined_by_and(world: World) -> None:
    """A row is found when all conditions hold, and a comparison with null never holds."""
    await world.added(User, display_name=None, status=UserStatus.ACTIVE)
    named = await world.added(User, display_name="b", status=UserStatus.ACTIVE)
    await world.added(User, display_name="b", status=UserStatus.DELETED)
    both = Criteria((eq("status"), ge("display_name")))
    assert await world.storage.users.find(both, UserStatus.ACTIVE, "a") == [named]
    assert await world.storage.users.count(both, UserStatus.ACTIVE, "c") == 0
    assert await world.storage.users.count(Criteria((lt("display_name"),)), "￿") == 2
    band = Criteria((gt("display_name"), lt("display_name")))
    assert await world.storage.users.count(band, "a", "c") == 2


async def test_text_sorts_by_code_point(world: World) -> None:
    """Text is ordered and compared by code point, in any locale; nulls come last ascending, first descending."""
    names = ["", " a", "A", "Z", "a", "e\u0301", "z", "Ä", "é", "ﬀ", "￿", "\U0001d518"]
    for name in (*reversed(names), None):
        await world.added(User, display_name=name)
    found = await world.storage.users.find(Criteria(order=(asc("display_name"),)))
    assert [user.display_name for user in found] == [*names, None]
    found = await world.storage.users.find(Criteria(order=(desc("display_name"),)))
    assert [user.display_name for user in found] == [None, *reversed(names)]
    found = await world.storage.users.find(Criteria((gt("display_name"),), (asc("display_name"),)), "Z")
    assert [user.display_name for user in found] == names[4:]


async def test_enumerations_sort_by_their_members(world: World) -> None:
    """An enumeration is ordered and compared by the order of its members, not of their names."""
    for status in (UserStatus.DELETED, UserStatus.ACTIVE, UserStatus.SUSPENDED):
        await world.added(User, status=status)
    found = await world.storage.users.find(Criteria(order=(asc("status"),)))
    assert [user.status for user in found] == list(UserStatus)
    found = await world.storage.users.find(Criteria((gt("status"),), (desc("status"),)), UserStatus.ACTIVE)
    assert [user.status for user in found] == [UserStatus.DELETED, UserStatus.SUSPENDED]


async def test_the_key_makes_every_order_total(world: World) -> None:
    """Rows that the order does not tell apart come in the ascending order of the key, field by field."""
    pools = await world.several(Pool, 4, tvl_usd=Decimal(5))
    found = await world.storage.pools.find(Criteria(order=(desc("tvl_usd"),)))
    assert [pool.id for pool in found] == sorted(pool.id for pool in pools)
    prices = await world.several(Price, 2, at=START_TIME)
    prices += [await world.added(Price, coin_id=prices[0].coin_id, at=START_TIME + timedelta(hours=n)) for n in (2, 1)]
    members = list(PriceSource)
    found_prices = await world.storage.prices.find()
    assert found_prices == sorted(prices, key=lambda price: (price.coin_id, price.at, members.index(price.source)))


async def test_an_address_is_found_in_any_writing(world: World) -> None:
    """A filter by an EVM address takes it with its checksum, or in upper case; a wrong checksum is refused."""
    address = await world.added(UserAddress, family=ChainFamily.EVM, address=USDC)
    assert address.address == USDC.lower()
    by_address = Criteria((eq("address"), eq("kind")))
    for writing in (USDC, USDC.lower(), "0x" + USDC[2:].upper()):
        assert await world.storage.user_addresses.find(by_address, writing, AddressKind.WATCH) == [address]
        assert await world.storage.user_addresses.find(Criteria((in_("address"),)), [writing]) == [address]
    with pytest.raises(InvalidValue) as caught:
        await world.storage.user_addresses.find(by_address, USDC_WRONG, AddressKind.WATCH)
    assert (caught.value.entity, caught.value.field) == ("UserAddress", "address")


@EVERY_TABLE
@pytest.mark.parametrize("method", ["find", "find_one", "count", "page", "stream"])
async def test_an_unknown_field_is_refused(world: World, table: Table, method: str) -> None:
    """A filter or an order by a field that the entity does not have raises UnknownField; nothing is ignored."""
    call = getattr(world.repository(table), method)
    for criteria in (Criteria((is_null("nonsense"),)), Criteria(order=(asc("nonsense"),))):
        with pytest.raises(UnknownField) as caught:
            await answer(call(criteria))
        assert caught.value.entity == table.label


async def answer(called: Any) -> Any:
    """Await a call, or read a stream to its end."""
    if hasattr(called, "__aiter__"):
        return [item async for item in called]
    return await called


@pytest.mark.parametrize("table", WITH_JSON, ids=lambda table: table.name)
async def test_json_is_not_compared(world: World, table: Table) -> None:
    """A filter or an order by a JSON field raises UnknownField."""
    name = next(column.name for column in table.columns if not column.is_comparable)
    for criteria, values in (
        (Criteria((eq(name),)), ({},)),
        (Criteria((is_null(name),)), ()),
        (Criteria(order=(asc(name),)), ()),
    ):
        with pytest.raises(UnknownField):
            await world.repository(table).find(criteria, *values)


@pytest.mark.parametrize("operator", Operator, ids=lambda operator: operator.name)
async def test_wrong_numbers_of_values_are_refused(world: World, operator: Operator) -> None:
    """Too few or too many values raise TypeError, a null value InvalidValue, one of a wrong type InvalidValue."""
    users, criteria = world.storage.users, Criteria((Filter("display_name", operator),))
    with pytest.raises(TypeError):
        await users.find(criteria, *(["a", "b"] if operator.takes_value else ["a"]))
    if not operator.takes_value:
        return
    with pytest.raises(TypeError):
        await users.find(criteria)
    wrap = (lambda value: [value]) if operator is Operator.IN else (lambda value: value)
    for wrong in (None, 7, "nul\0", "\ud800"):
        with pytest.raises(InvalidValue) as caught:
            await users.count(criteria, wrap(wrong))
        assert (caught.value.entity, caught.value.field) == ("User", "display_name")


@EVERY_TABLE
async def test_a_key_of_the_wrong_form_is_refused(world: World, table: Table) -> None:
    """A key of the wrong type or number of parts raises InvalidValue wherever a key is taken."""
    repository = world.repository(table)
    for wrong in (None, object(), (), ("a", "b", "c", "d", "e", "f", "g")):
        with pytest.raises(InvalidValue):
            await repository.get(wrong)
        with pytest.raises(InvalidValue):
            await repository.exists(wrong)
        with pytest.raises(InvalidValue):
            await repository.remove(wrong)
        with pytest.raises(InvalidValue):
            await repository.get_many([wrong])


@RELAXED
@given(amounts=st.lists(st.sampled_from([None, *map(Decimal, ("-1", "0", "0.1", "2", "1E+3", "1E-12"))]), max_size=6),
       bound=st.sampled_from([Decimal("-0"), Decimal("0.1"), Decimal("1E+3")]))  # fmt: skip
async def test_bounds_equal_a_naive_model(world: World, amounts: list[Decimal | None], bound: Decimal) -> None:
    """Filters by a decimal give what comparing in Python gives, nulls never, in the order asked for."""
    name = f"run {world.fresh(MODEL.table_of(Pool).column('name').kind)}"
    pools = [await world.added(Pool, name=name, apy=amount) for amount in amounts]
    for condition, holds in (
        (lt("apy"), lambda apy: apy < bound),
        (le("apy"), lambda apy: apy <= bound),
        (gt("apy"), lambda apy: apy > bound),
        (ge("apy"), lambda apy: apy >= bound),
        (eq("apy"), lambda apy: apy == bound),
    ):
        found = await world.storage.pools.find(Criteria((eq("name"), condition), (desc("apy"),)), name, bound)
        wanted = [pool for pool in pools if pool.apy is not None and holds(pool.apy)]
        assert found == sorted(wanted, key=lambda pool: (-pool.apy, pool.id))
