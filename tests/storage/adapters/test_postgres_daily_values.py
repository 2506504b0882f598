"""The materialized view of coins' daily prices: made by hand without data, it is filled by the first refresh."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.domain.pricing.daily_values import daily_values
from strongroom.domain.pricing.price import Price
from strongroom.ports.errors import StorageError
from strongroom.testing.factory import World

VIEW = "token_daily_values_mv"


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage over a database of the test's own, whose view has been emptied by hand."""
    connection = await asyncpg.connect(database)
    await connection.execute(f"REFRESH MATERIALIZED VIEW {VIEW} WITH NO DATA")
    await connection.close()
    async with await open_postgres(PostgresSettings(url=database, min_size=1)) as opened:
        yield opened


async def test_a_view_without_data_is_filled_by_its_first_refresh(storage: PostgresStorage) -> None:
    """PostgreSQL fills it without CONCURRENTLY once, then with it; before that reading says what is to be done."""
    prices = await World(storage).several(Price, 3)
    with pytest.raises(StorageError, match=f"the view {VIEW} was never filled: refresh it first") as caught:
        await storage.token_daily_values.find()
    assert caught.value.entity == "TokenDailyValue"
    for _ in range(2):
        await storage.token_daily_values.refresh()
        assert await storage.token_daily_values.find() == daily_values(prices)
    assert await storage.token_daily_values.refreshed_at() is not None


async def test_a_first_fill_is_undone_with_its_transaction(storage: PostgresStorage) -> None:
    """A rolled back first refresh leaves the view without data, and the next one fills it."""
    prices = await World(storage).several(Price, 3)
    with pytest.raises(ZeroDivisionError):
        async with storage.transaction() as transaction:
            await transaction.token_daily_values.refresh()
            assert await transaction.token_daily_values.count() == 3
            raise ZeroDivisionError
    with pytest.raises(StorageError):
        await storage.token_daily_values.count()
    await storage.token_daily_values.refresh()
    assert await storage.token_daily_values.find() == daily_values(prices)
