"""What PostgreSQL and asyncpg raise, told as the port's errors: by their attributes, from every await."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from strongroom.adapters.mapping.chain import CHAIN
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.errors import translate_error
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    ReadOnlyServer,
    ReferenceMissing,
    SchemaMismatch,
    StatementTimeout,
    StillReferenced,
    StorageError,
    StorageFull,
    StorageUnavailable,
    TransactionAborted,
)
from strongroom.testing.factory import World


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage over a database of the test's own."""
    async with await open_postgres(PostgresSettings(url=database, min_size=1, max_size=2)) as opened:
        yield opened


def refused(kind: type[asyncpg.PostgresError], **attributes: str) -> asyncpg.PostgresError:
    """Return an error of the server with the attributes that it sends, and words that mean nothing."""
    error = kind("x")
    for name in ("table_name", "constraint_name", "column_name"):
        setattr(error, name, attributes.get(name))
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (asyncpg.SerializationError, Conflict),
        (asyncpg.DeadlockDetectedError, Conflict),
        (asyncpg.LockNotAvailableError, Conflict),
        (asyncpg.exceptions.InvalidCachedStatementError, Conflict),
        (asyncpg.InFailedSQLTransactionError, TransactionAborted),
        (asyncpg.ReadOnlySQLTransactionError, ReadOnlyServer),
        (asyncpg.QueryCanceledError, StatementTimeout),
        (asyncpg.AdminShutdownError, StorageUnavailable),
        (asyncpg.CannotConnectNowError, StorageUnavailable),
        (asyncpg.ConnectionDoesNotExistError, StorageUnavailable),
        (asyncpg.IdleInTransactionSessionTimeoutError, StorageUnavailable),
        (asyncpg.TooManyConnectionsError, StorageUnavailable),
        (asyncpg.DiskFullError, StorageFull),
        (asyncpg.NumericValueOutOfRangeError, InvalidValue),
        (asyncpg.CharacterNotInRepertoireError, InvalidValue),
        (asyncpg.UndefinedTableError, SchemaMismatch),
        (asyncpg.UndefinedColumnError, SchemaMismatch),
        (asyncpg.InsufficientPrivilegeError, StorageError),
    ],
)
def test_errors_are_translated_by_class(error: type[asyncpg.PostgresError], told: type[Exception]) -> None:
    """Every SQLSTATE that storage can meet is one of the port's errors, and names the entity where it can."""
    answer = translate_error(refused(error), CHAIN)
    assert type(answer) is told
    if isinstance(answer, InvalidValue | SchemaMismatch | Conflict):
        assert answer.entity == "Chain"


@pytest.mark.parametrize(
    ("error", "removing", "told"),
    [
        (asyncpg.UniqueViolationError, False, AlreadyExists),
        (asyncpg.ForeignKeyViolationError, False, ReferenceMissing),
        (asyncpg.ForeignKeyViolationError, True, StillReferenced),
        (asyncpg.CheckViolationError, False, InvalidValue),
    ],
)
@pytest.mark.parametrize("table", ["price", "price_2026_01", "price_default"])
def test_a_partition_is_named_as_its_table(
    error: type[asyncpg.PostgresError], *, removing: bool, told: type[Exception], table: str
) -> None:
    """The entity and the constraint are those of the partitioned table, whichever partition refused."""
    answer = translate_error(
        refused(error, table_name=table, constraint_name=f"{table}_pkey"), CHAIN, model=PLATFORM, removing=removing
    )
    assert type(answer) is told
    assert (answer.entity, answer.constraint) == ("Price", "price_pkey")  # type: ignore[attr-defined]


def test_a_constraint_without_a_table_names_the_statements_entity() -> None:
    """A trigger that names no table leaves the entity that the statement is about."""
    answer = translate_error(refused(asyncpg.CheckViolationError, constraint_name="rule"), CHAIN)
    assert isinstance(answer, InvalidValue)
    assert (answer.entity, answer.constraint) == ("Chain", "rule")


def test_an_unrelated_error_is_returned_unchanged() -> None:
    """What neither PostgreSQL nor asyncpg raised is not touched."""
    error = LookupError("mine")
    assert translate_error(error, CHAIN) is error


async def test_a_duplicate_in_a_partition_names_the_table(storage: PostgresStorage) -> None:
    """PostgreSQL names the partition and its key; the port names the entity and the table's."""
    price = await World(storage).added(Price, at=datetime(2026, 1, 5, tzinfo=UTC))
    with pytest.raises(AlreadyExists) as caught:
        await storage.prices.add(price)
    assert (caught.value.entity, caught.value.constraint) == ("Price", "price_pkey")
    assert caught.value.key == PRICE.key_of(price)
    with pytest.raises(StillReferenced) as kept:
        await storage.coins.remove(price.coin_id)
    assert (kept.value.entity, kept.value.constraint) == ("Price", "price_coin_id_fkey")


async def test_a_value_that_asyncpg_refuses_aborts_nothing(storage: PostgresStorage) -> None:
    """It never reached the database, so the transaction goes on."""
    async with storage.transaction() as transaction:
        fetch = transaction.chains._executor.fetch  # type: ignore[attr-defined]
        with pytest.raises(InvalidValue):
            await fetch(CHAIN, "SELECT $1::bigint", "not a number")
        assert await transaction.chains.count() == 0


async def test_an_error_of_the_callers_iterable_is_raised_unchanged(storage: PostgresStorage) -> None:
    """Also when it is an error that would mean a lost connection if the database had raised it."""
    chain = await World(storage).ready(Chain)
    error = ConnectionResetError("the caller's own")

    def rows() -> Iterator[Any]:
        for number in range(10_001):
            yield CHAIN.replaced(chain, id=number, name=str(number))
        raise error

    with pytest.raises(ConnectionResetError) as caught:
        await storage.chains.bulk_upsert(rows())
    assert caught.value is error
    assert caught.value.__cause__ is None
    assert await storage.chains.count() == 0
    async with storage.transaction() as transaction:
        with pytest.raises(ConnectionResetError):
            await transaction.chains.bulk_upsert(rows())
        assert (await transaction.chains.bulk_upsert([chain])).inserted == 1
    assert await storage.chains.find() == [chain]


async def test_a_plan_that_went_stale_within_a_transaction_is_a_conflict(
    storage: PostgresStorage, database: str
) -> None:
    """DDL of another changed the result's type: ``run`` starts again and succeeds."""
    coin = await World(storage).added(Coin)
    other = await asyncpg.connect(database)
    tries: list[int] = []

    async def work(transaction: Any) -> Coin:
        tries.append(1)
        return await transaction.coins.get(coin.id)  # type: ignore[no-any-return]

    for connection in range(2):
        assert await storage.run(work) == coin, connection
    await other.execute("ALTER TABLE coin ALTER COLUMN logo_url TYPE varchar")
    await other.close()
    tries.clear()
    assert await storage.run(work) == coin
    assert 1 <= len(tries) <= 3
    assert await storage.prices.add(
        Price(coin_id=coin.id, at=datetime(2026, 1, 1, tzinfo=UTC), source=PriceSource.MANUAL, price_usd=Decimal("1.5"))
    )
