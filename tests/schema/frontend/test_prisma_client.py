"""What Python wrote, Prisma's client reads, and the other way round, for every model, to the last digit."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

import attrs
import pytest
from support.schema.frontend import Client, PrismaError

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Owner, Table
from strongroom.adapters.schema.prisma.generate.naming import model_name
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.chat.message import Message
from strongroom.domain.pricing.price import Price
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.domain.values.field_types import JsonObject
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

EVERY_TABLE = pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)
FRONTENDS = pytest.mark.parametrize(
    "table", [table for table in PLATFORM.tables if table.owner is Owner.FRONTEND], ids=lambda table: table.name
)
LARGEST: Final = 2**256 - 1


def accessor(table: Table) -> str:
    """Return the client's name of a model."""
    name = model_name(table.name)
    return name[0].lower() + name[1:]


def tagged(value: Any, *, bits: int | None = None) -> Any:  # noqa: PLR0911 - one answer for each type
    """Return a value as the client's program takes it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal) or (isinstance(value, int) and bits == 256):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$date": value.isoformat()}
    if isinstance(value, date):
        return {"$date": datetime.combine(value, time(), UTC).isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, int) and bits == 64:
        return {"$bigint": str(value)}
    return str(value) if isinstance(value, UUID) else value


def as_told(table: Table, entity: Any) -> dict[str, Any]:
    """Return an entity's values as the client's program takes them."""
    told = {}
    for column in table.columns:
        value = getattr(entity, column.name)
        if isinstance(column.kind, JsonObject):
            told[column.name] = {"$json": value}
        else:
            told[column.name] = tagged(value, bits=getattr(column.kind, "bits", None))
    return told


def as_read(table: Table, entity: Any) -> dict[str, Any]:
    """Return what the client must give back: the entity to the last digit, and times to the millisecond."""
    read: dict[str, Any] = {}
    for column in table.columns:
        value = getattr(entity, column.name)
        bits = getattr(column.kind, "bits", None)
        if isinstance(value, datetime):
            text = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            read[column.name] = {"$date": text}
        elif isinstance(value, date):
            read[column.name] = {"$date": f"{value.isoformat()}T00:00:00.000Z"}
        elif isinstance(value, Decimal) or (isinstance(value, int) and bits == 256 and not isinstance(value, bool)):
            read[column.name] = {"$decimal": plain(value)}
        else:
            read[column.name] = value if isinstance(column.kind, JsonObject) else tagged(value, bits=bits)
    return read


def plain(value: Decimal | int) -> str:
    """Return a number as the client writes it: without zeros at the end."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def key_of(table: Table, entity: Any) -> dict[str, Any]:
    """Return the condition that finds an entity."""
    told = as_told(table, entity)
    return {name: told[name] for name in table.key}


@EVERY_TABLE
async def test_prisma_reads_rows_written_by_python(storage: Storage, client: Client, table: Table) -> None:
    """Every field of every model comes back: enumerations, decimals, dates, JSON, bytes, composite keys."""
    world = World(storage)
    for number in range(2):
        entity = await world.added(table)
        if number and not table.immutable:
            entity = await world.repository(table).upsert(filled(world, table, entity))
        found = client.find(accessor(table), key_of(table, entity))
        assert found == as_read(table, entity)


def filled(world: World, table: Table, entity: Any) -> Any:
    """Return an entity with its empty fields filled, as far as its rules and references let it."""
    references = {name for key in table.foreign_keys for name in key.fields}
    for column in table.columns:
        if column.optional and getattr(entity, column.name) is None and column.name not in references:
            other = table.replaced(entity, **{column.name: world.fresh(column.kind)})
            if all(check.holds(other) is not False for check in table.checks):
                entity = other
    return entity


@FRONTENDS
async def test_python_reads_rows_written_by_prisma(storage: Storage, client: Client, table: Table) -> None:
    """A row that the frontend creates is the entity that the backend reads."""
    entity = await World(storage).ready(table)
    made = client.create(accessor(table), as_told(table, entity))
    assert made == as_read(table, entity)
    stored = await getattr(storage, table.repository).get(table.key_of(entity))
    assert stored == table.stored(entity)


async def test_the_largest_amount_is_exact(storage: Storage, client: Client) -> None:
    """2^256-1 goes through Prisma's Decimal without losing a unit."""
    change = await World(storage).added(BalanceChange, delta=-LARGEST)
    table = next(table for table in PLATFORM.tables if table.entity is BalanceChange)
    found = client.find("balanceChange", key_of(table, change))
    assert found is not None
    assert found["delta"] == {"$decimal": str(-LARGEST)}


async def test_microseconds_are_cut_to_milliseconds(storage: Storage, client: Client) -> None:
    """Prisma's client holds times to the millisecond: what it reads is earlier than what is there, and not found."""
    message = await World(storage).added(Message, created_at=START_TIME.replace(microsecond=123_456))
    found = client.find("messages", {"id": str(message.id)})
    assert found is not None
    assert found["created_at"] == {"$date": "2026-02-01T08:00:00.123Z"}
    assert client.find("messages", {"created_at": found["created_at"]}) is None


async def test_the_materialized_view_is_read(storage: Storage, client: Client) -> None:
    """A view that Prisma never makes is a model that it reads."""
    price = await World(storage).added(Price, price_usd=Decimal("1.5"))
    await storage.token_daily_values.refresh()
    found = client.find("tokenDailyValuesMv", {"coin_id": str(price.coin_id)})
    assert found is not None
    assert (found["average"], found["samples"]) == ({"$decimal": "1.5"}, {"$bigint": "1"})


@pytest.mark.parametrize(
    ("spoil", "code", "state"),
    [
        (lambda data: {**data, "email": "a@B"}, "P2002", None),
        (lambda data: {**data, "version": -1}, None, "23514"),
    ],
    ids=["unique over an expression", "check"],
)
async def test_constraint_errors_reach_the_frontend(
    storage: Storage, client: Client, spoil: Callable[[dict[str, Any]], dict[str, Any]], code: str, state: str | None
) -> None:
    """The rules that Prisma cannot say hold for it all the same, and tell which they are."""
    world = World(storage)
    first = await world.added(User, email="A@b")
    table = next(table for table in PLATFORM.tables if table.entity is User)
    data = as_told(table, attrs.evolve(await world.ready(User), email="c@d"))
    with pytest.raises(PrismaError) as caught:
        client.create("user", spoil(data))
    assert code is None or caught.value.code == code
    assert state is None or state in str(caught.value.meta)
    assert await storage.users.find() == [first]


async def test_a_partial_unique_key_holds_for_the_frontend(storage: Storage, client: Client) -> None:
    """A second primary wallet of a user is refused, although schema.prisma cannot say so."""
    world = World(storage)
    wallet = await world.added(Wallet, is_primary=True)
    table = next(table for table in PLATFORM.tables if table.entity is Wallet)
    other = await world.ready(Wallet, user_id=wallet.user_id, is_primary=True)
    with pytest.raises(PrismaError) as caught:
        client.create("wallet", as_told(table, other))
    assert caught.value.code == "P2002"
