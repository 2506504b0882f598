"""Values: every one comes back exact, rounded as promised, or is refused; never another one instead."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Table
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.user_address import UserAddress
from strongroom.domain.errors import InvalidValue
from strongroom.domain.pricing.coin_data import CoinData
from strongroom.domain.pricing.price import Price
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.values.address import ChainFamily
from strongroom.domain.values.field_types import DECIMAL_CONTEXT, FieldType
from strongroom.ports.criteria import Criteria, eq
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.strategies import values
from strongroom.testing.values import USDC, WRAPPED_SOL, acceptable_values, refused_values

from .property_settings import RELAXED, few

MODEL: Final = model_under_test()

COLUMNS = [(table, column) for table in MODEL.tables for column in table.columns]


def named(value: Any) -> str:
    """Name a case by table and column."""
    return str(value.name)


def is_free(table: Table, column: Column) -> bool:
    """Say whether any value of its kind may stand in a column, whatever stands beside it."""
    bound = {name for unique in table.uniques for name in unique.fields}
    bound |= {name for key in table.foreign_keys for name in key.fields}
    names = {other.name for other in table.columns}
    rules = [set(re.findall(r"\w+", check.sql)) & names for check in table.checks]
    return column.name not in {*bound, "version"} and not any(column.name in rule and len(rule) > 1 for rule in rules)


FREE = [(table, column) for table, column in COLUMNS if is_free(table, column)]
KINDS = {column.kind: (table, column) for table, column in reversed(FREE)}


@pytest.mark.parametrize(("table", "column"), FREE, ids=named)
async def test_every_acceptable_value_comes_back(world: World, table: Table, column: Column) -> None:
    """A value that the kind accepts is stored in its stored form, is found by it, and comes back exact."""
    base = await world.ready(table)
    repository = world.repository(table)
    for value in acceptable_values(column.kind):
        entity = attrs.evolve(base, **{column.name: value})
        stored = await repository.add(entity)
        assert exact_form(stored) == exact_form(table.stored(entity))
        assert exact_form(await repository.get(table.key_of(base))) == exact_form(stored)
        if column.is_comparable:
            by_value = Criteria((eq(column.name),))
            assert exact_form(await repository.find(by_value, getattr(stored, column.name))) == exact_form([stored])
        await repository.remove(table.key_of(base))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=named)
async def test_every_wrong_value_is_refused(world: World, table: Table, column: Column) -> None:
    """A value that cannot be carried or that the table refuses raises InvalidValue, checked by the entity or not."""
    base = await world.ready(table)
    repository = world.repository(table)
    for value in refused_values(column.kind):
        entity = table.replaced(base, **{column.name: value})
        if not column.encoding_error(value) and all(check.holds(entity) is not False for check in table.checks):
            continue
        with pytest.raises(InvalidValue) as caught:
            await repository.add(entity)
        assert caught.value.entity == table.label
        assert column.name == caught.value.field or caught.value.constraint
    assert await repository.count() == 0


@pytest.mark.parametrize("of", KINDS, ids=lambda kind: f"{KINDS[kind][0].name}.{KINDS[kind][1].name}")
@few(15)
@given(data=st.data())
async def test_any_value_of_a_kind_comes_back(world: World, of: FieldType, data: st.DataObject) -> None:
    """Any value that the kind accepts comes back in its stored form."""
    table, column = KINDS[of]
    entity = await world.ready(table, **{column.name: data.draw(values(of))})
    stored = await world.repository(table).add(entity)
    assert exact_form(stored) == exact_form(table.stored(entity))
    assert exact_form(await world.repository(table).get(table.key_of(entity))) == exact_form(stored)


@RELAXED
@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=25, min_value=0, max_value=10**19))
async def test_a_price_is_rounded_half_up(world: World, amount: Decimal) -> None:
    """Money is rounded to 18 places, half away from zero, and is exact below that."""
    price = await world.added(Price, price_usd=amount)
    assert abs(price.price_usd - amount) <= Decimal("5E-19")
    digits = int(amount.scaleb(25, context=DECIMAL_CONTEXT))
    wanted, rest = divmod(digits, 10**7)
    assert price.price_usd == Decimal(wanted + (2 * rest >= 10**7)).scaleb(-18, context=DECIMAL_CONTEXT)


@pytest.mark.parametrize(
    ("given_value", "stored"),
    [
        ("0.0000000000005", "0.000000000001"),
        ("-0.0000000000005", "-0.000000000001"),
        ("0.0000000000004999", "0"),
        ("-0.0000000000004999", "0"),
        ("-0", "0"),
        ("1E+3", "1000"),
        ("6418.09", "6418.09"),
        ("999999999999.9999999999994", "999999999999.999999999999"),
    ],
)
async def test_a_rate_rounds_away_from_zero(world: World, given_value: str, stored: str) -> None:
    """A rate is rounded to 12 places, half away from zero, negative ones too; -0 is 0."""
    table = next(table for table in MODEL.tables if table.name == "nmt_pool")
    pool = await world.added(table, apy=Decimal(given_value))
    assert exact_form(pool.apy) == exact_form(Decimal(stored))
    assert exact_form((await world.storage.pools.get(pool.id)).apy) == exact_form(Decimal(stored))
    assert not pool.apy.is_signed() or pool.apy < 0


async def test_a_uint256_is_exact(world: World) -> None:
    """2^256 - 1 wei come back to the last digit, from a row, from a bulk, and as a filter."""
    for amount in (2**256 - 1, 2**255, 0, 7_800_000_000_000_000_000_000_000_000_000):
        transaction = await world.added(EthTransaction, value_wei=amount)
        assert exact_form(
            (await world.storage.eth_transactions.get((transaction.chain_id, transaction.hash))).value_wei
        ) == (
            "int",
            str(amount),
        )


async def test_a_time_is_kept_to_the_microsecond_in_utc(world: World) -> None:
    """Times of any zone come back as the same instant in UTC, both halves of a repeated hour apart."""
    berlin = ZoneInfo("Europe/Berlin")
    for moment in (
        datetime(2024, 10, 27, 2, 30, 0, 1, tzinfo=berlin),
        datetime(2024, 10, 27, 2, 30, 0, 1, fold=1, tzinfo=berlin),
        datetime(2024, 3, 31, 2, 30, tzinfo=berlin),
        datetime(2024, 1, 1, 0, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=14))),
        datetime(1883, 11, 18, 12, 3, 57, tzinfo=ZoneInfo("America/New_York")),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    ):
        table = next(table for table in MODEL.tables if table.entity is UserAddress)
        base = await world.ready(UserAddress)
        for entity in (attrs.evolve(base, verified_at=moment), table.replaced(base, verified_at=moment)):
            stored = await world.storage.user_addresses.upsert(entity)
            for found in (stored, await world.storage.user_addresses.get(base.id)):
                assert found.verified_at == moment.astimezone(UTC)
                assert found.verified_at.tzinfo is UTC


async def test_texts_come_back_as_given(world: World) -> None:
    """Empty texts, blanks at the ends and any character but NUL come back as given, unnormalised."""
    for text in (
        "",
        " ",
        " a ",
        "e\u0301",
        "é",
        "\u202e",
        "\U0001d518",
        "\ufeff",
        "\x7f",
        "line\r\nend",
        "'\";--",
        "\\x00",
        "%s",
        "$1",
    ):
        user = await world.added(User, display_name=text)
        assert (await world.storage.users.get(user.id)).display_name == text


async def test_addresses_are_stored_in_one_writing(world: World) -> None:
    """An EVM address is stored in lower case, a Solana address as it is; the table refuses any other writing."""
    assert (await world.added(UserAddress, family=ChainFamily.EVM, address=USDC)).address == USDC.lower()
    solana = await world.added(UserAddress, family=ChainFamily.SOLANA, address=WRAPPED_SOL)
    assert solana.address == WRAPPED_SOL
    table = next(table for table in MODEL.tables if table.entity is UserAddress)
    with pytest.raises(InvalidValue) as caught:
        await world.storage.user_addresses.add(table.replaced(await world.ready(UserAddress), address=USDC))
    assert caught.value.constraint == "user_address_address_check"


@pytest.mark.parametrize(
    ("links", "stored"),
    [
        ({"a": 1e21}, {"a": 10**21}),
        ({"a": 2.0}, {"a": 2.0}),
        ({"a": -0.0}, {"a": 0.0}),
        ({"a": 1e-7}, {"a": 1e-7}),
        ({"b": 1, "a": [None, True, {"": "é"}]}, {"b": 1, "a": [None, True, {"": "é"}]}),
        ({"wei": 2**256 - 1}, {"wei": 2**256 - 1}),
    ],
)
async def test_json_comes_back_as_jsonb_keeps_it(world: World, links: Any, stored: Any) -> None:
    """JSON comes back equal; numbers are written as numeric writes them."""
    data = await world.added(CoinData, links=links)
    assert data.links == stored
    found = await world.storage.coin_data.get(data.coin_id)
    assert exact_form(found.links) == exact_form(data.links)


async def test_days_come_back(world: World) -> None:
    """A leap day, and days at the ends of the calendar, come back."""
    table = next(table for table in MODEL.tables if table.name == "goal")
    for start in (date(2024, 2, 29), date(1, 1, 2), date(1969, 12, 31)):
        goal = await world.added(table, start_date=start, target_date=date(9999, 12, 30))
        assert (await world.storage.goals.get(goal.id)).start_date == start
