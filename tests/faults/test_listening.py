"""Nothing is announced unless somebody listens, and whoever begins to listen misses nothing unsaid."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, listener, open_postgres
from strongroom.adapters.postgres.locks import LISTENER_KEY
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.change_feed import MayHaveMissed, PositionValued
from strongroom.testing.factory import World

LATE = """
    INSERT INTO nmt_position_valuation (position_id, at, value_usd, shares, price_per_share, source)
    SELECT position_id, at + interval '1 day', value_usd, shares, price_per_share, source
    FROM nmt_position_valuation LIMIT 1
"""


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage over a database of the test's own."""
    async with await open_postgres(PostgresSettings(url=database, min_size=0)) as opened:
        yield opened


@pytest.fixture
async def writer(database: str) -> AsyncIterator[Any]:
    """A connection of somebody who writes."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", ANNOUNCEMENTS)
async def test_the_trigger_asks_whether_somebody_listens(writer: Any, table: str) -> None:
    """Both histories' triggers take and return the listeners' lock in one expression, before they do anything."""
    name = f"{table}_announce"
    text = await writer.fetchval("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = $1", name)
    key = f"('{LISTENER_KEY}'::bigint)"
    assert f"WHEN ((NOT (pg_try_advisory_lock{key} AND pg_advisory_unlock{key})))" in text


async def test_nothing_is_announced_unless_somebody_listens(
    storage: PostgresStorage, writer: Any, database: str
) -> None:
    """Listening alone is not enough for the triggers: a feed says that it listens, for as long as it does."""
    await World(storage).added(PositionValuation)
    heard: list[Any] = []
    bystander = await asyncpg.connect(database)
    await bystander.add_listener(listener.CHANNEL, lambda *told: heard.append(told[3]))

    async def write() -> int:
        before = len(heard)
        await writer.execute(LATE.replace("1 day", f"{before + 1} hours"))
        await bystander.execute("SELECT 1")
        return len(heard) - before

    assert await write() == 0
    await writer.execute("DELETE FROM nmt_position_valuation WHERE at <> (SELECT min(at) FROM nmt_position_valuation)")
    async with storage.changes.subscribe() as changes, storage.changes.subscribe():
        assert await write() == 1
        assert isinstance(await anext(changes), PositionValued)
    await writer.execute("DELETE FROM nmt_position_valuation WHERE at <> (SELECT min(at) FROM nmt_position_valuation)")
    async with asyncio.timeout(5):
        while await writer.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"):
            await asyncio.sleep(0.01)
    assert await write() == 0
    await bystander.close()


async def test_a_transaction_that_began_before_is_waited_for(storage: PostgresStorage, writer: Any) -> None:
    """It found nobody listening and has told nothing: the subscription begins once it has ended."""
    await World(storage).added(PositionValuation)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute(LATE)

    async def subscribe() -> int:
        async with storage.changes.subscribe():
            return await storage.position_valuations.count()

    subscribing = asyncio.create_task(subscribe())
    await asyncio.sleep(0.1)
    assert not subscribing.done()
    await transaction.commit()
    assert await subscribing == 2


async def test_one_that_takes_longer_is_told_as_a_gap(
    storage: PostgresStorage, writer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscriber hears MayHaveMissed at once, and once more when all that found nobody has ended."""
    monkeypatch.setattr(listener, "SETTLE_SECONDS", 0.05)
    monkeypatch.setattr("strongroom.adapters.postgres.change_feed.SETTLE_PAUSE_SECONDS", 0.02)
    await World(storage).added(PositionValuation)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute(LATE)
    async with asyncio.timeout(5), storage.changes.subscribe() as changes:
        assert await anext(changes) == MayHaveMissed()
        again = asyncio.create_task(anext(changes))  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        assert not again.done()
        await transaction.commit()
        assert await again == MayHaveMissed()
