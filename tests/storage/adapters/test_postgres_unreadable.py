"""Rows that others stored and no entity can hold: each call that meets one names it, and no other row is lost."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from attrs import evolve, frozen
from support.foreign import DROP_RULES, foreign_writer

from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.message import Message
from strongroom.domain.positions.position import Position
from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.domain.pricing.coin_data import CoinData
from strongroom.domain.pricing.price import Price
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.errors import UnreadableRow
from strongroom.ports.use_cases.portfolio_report import report_portfolio
from strongroom.ports.use_cases.take_portfolio_snapshots import take_portfolio_snapshots
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.truncation import empty_tables


@frozen
class Shared:
    """A storage over a database without checks, a world that fills it, and another program that writes to it."""

    storage: PostgresStorage
    world: World
    foreign: "asyncpg.Connection[Any]"
    url: str


@pytest.fixture(scope="module")
async def unchecked(
    new_database: Callable[..., Awaitable[str]], migrated_template: str
) -> AsyncIterator[tuple[PostgresStorage, "asyncpg.Connection[Any]", str]]:
    """A storage over a database of the module whose tables have no checks."""
    url = await new_database(migrated_template)
    clock = FixedClock(START_TIME + timedelta(days=400))
    async with (
        foreign_writer(url) as foreign,
        await open_postgres(
            PostgresSettings(url=url, min_size=1, max_size=3), clock=clock, ids=SequentialIds()
        ) as storage,
    ):
        await foreign.execute(DROP_RULES)
        yield storage, foreign, url


@pytest.fixture
async def shared(unchecked: tuple[PostgresStorage, "asyncpg.Connection[Any]", str]) -> Shared:
    """The module's storage, empty."""
    storage, foreign, url = unchecked
    await empty_tables(foreign)
    return Shared(storage, World(storage), foreign, url)


async def told_by(call: Awaitable[Any]) -> UnreadableRow:
    """Return the error that a call names a row by."""
    with pytest.raises(UnreadableRow) as caught:
        await call
    return caught.value


async def drain(rows: AsyncIterator[Any]) -> list[Any]:
    """Return all that an iterator yields."""
    return [row async for row in rows]


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("12000-01-01", "the time is not in the years 1 to 9999"),
        ("0044-03-15 BC", "the time is not in the years 1 to 9999"),
        ("infinity", "the time is infinite"),
        ("-infinity", "the time is infinite"),
    ],
)
async def test_a_time_that_python_cannot_hold_is_named(shared: Shared, stored: str, reason: str) -> None:
    """A date and a timestamp of other years name table, key, column, value and reason; the next row is read."""
    goal = await shared.world.added(Goal)
    other = await shared.world.added(Goal, user_id=goal.user_id)
    for column in ("target_date", "updated_at"):
        await shared.foreign.execute(f"UPDATE goal SET {column} = '{stored}' WHERE id = $1", goal.id)
        told = await told_by(shared.storage.goals.get(goal.id))
        assert (told.entity, told.table, told.key, told.column, told.reason) == (
            "Goal",
            "goal",
            goal.id,
            column,
            reason,
        )
        assert str(told.value).split()[0] == stored.split(maxsplit=1)[0]
        await shared.foreign.execute(f"UPDATE goal SET {column} = '2027-01-01' WHERE id = $1", goal.id)
    assert await shared.storage.goals.get(other.id) == other


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ("[1]", "it is an array where a JSON object is expected"),
        ("null", "it is null where a JSON object is expected"),
        ('"text"', "it is text where a JSON object is expected"),
        ("1", "it is a number where a JSON object is expected"),
        ("true", "it is a boolean where a JSON object is expected"),
        (
            '{"rate": 0.12345678901234567890}',
            "it holds 0.12345678901234567890, a number of more digits than a float holds",
        ),
        ('{"rate": 1e-400}', f"it holds 0.{'0' * 38}, a number of more digits than a float holds"),
    ],
)
async def test_json_that_no_field_can_hold_is_named(shared: Shared, stored: str, reason: str) -> None:
    """JSON that is no object, or whose numbers a float would change, is named."""
    message = await shared.world.added(Message)
    await shared.foreign.execute(f"UPDATE messages SET metadata = '{stored}' WHERE id = $1", message.id)
    told = await told_by(shared.storage.messages.get(message.id))
    assert (told.table, told.key, told.column, told.reason) == ("messages", message.id, "metadata", reason)


@pytest.mark.parametrize("stored", ['{"rate": 0.1}', '{"rate": 1e300}', '{"rate": -0.0}', '{"rate": 5e-324}', "{}"])
async def test_json_that_a_float_holds_is_read(shared: Shared, stored: str) -> None:
    """Numbers of any size are read if a float tells them from all others."""
    message = await shared.world.added(Message)
    await shared.foreign.execute(f"UPDATE messages SET metadata = '{stored}' WHERE id = $1", message.id)
    read = await shared.storage.messages.get(message.id)
    assert await shared.storage.messages.update(read) == read


async def test_a_label_that_a_later_version_added_is_named(shared: Shared) -> None:
    """A value of an enumeration that this version does not know is named."""
    user = await shared.world.added(User)
    await shared.foreign.execute("ALTER TYPE user_status ADD VALUE IF NOT EXISTS 'frozen'")
    await shared.foreign.execute("UPDATE \"user\" SET status = 'frozen'")
    told = await told_by(shared.storage.users.get(user.id))
    assert (told.column, told.value, told.reason) == ("status", "frozen", "it is not one of active, suspended, deleted")


async def test_every_way_to_read_rows_names_the_first_that_cannot_be_read(shared: Shared) -> None:
    """Lists, pages, streams, locks and reads by keys name it, in and out of a transaction; the others are read."""
    goals = sorted(await shared.world.several(Goal, 5), key=lambda goal: goal.id)
    await shared.foreign.execute("UPDATE goal SET target_usd = 'NaN' WHERE id = ANY ($1)", [goals[2].id, goals[3].id])
    repository = shared.storage.goals
    for call in (
        repository.get(goals[2].id),
        repository.get_many([goals[0].id, goals[2].id]),
        repository.find(),
        repository.page(limit=4),
        drain(repository.stream(batch=2)),
        drain(repository.stream()),
        repository.lock(goals[2].id),
    ):
        told = await told_by(call)
        assert (told.key, told.column, told.value) == (goals[2].id, "target_usd", "NaN")
    assert (await repository.page(limit=1)).items == goals[:1]
    async with shared.storage.transaction() as transaction:
        for call in (
            transaction.goals.get(goals[2].id),
            transaction.goals.find(),
            transaction.goals.lock(goals[2].id),
            drain(transaction.goals.stream(batch=2)),
        ):
            assert (await told_by(call)).key == goals[2].id
        assert await transaction.goals.get(goals[0].id) == goals[0]
        changed = await transaction.goals.update(evolve(goals[0], name="changed"))
    assert await repository.get(goals[0].id) == changed
    kept: list[UnreadableRow] = []
    assert await drain(repository.stream(on_unreadable=kept.append)) == [changed, goals[1], goals[4]]
    assert [row.key for row in kept] == [goals[2].id, goals[3].id]


async def test_a_write_that_keeps_what_cannot_be_read_names_it(shared: Shared) -> None:
    """An upsert keeps ``created_at``: what stands there is named."""
    goal = await shared.world.added(Goal)
    await shared.foreign.execute("UPDATE goal SET created_at = 'infinity'")
    assert (await told_by(shared.storage.goals.upsert(goal))).column == "created_at"


async def test_reads_of_several_tables_name_the_table(shared: Shared) -> None:
    """A chat's summary names the message, a Safe's details the owner, prices and yields as of a time their row."""
    member = await shared.world.added(ChatMember, joined_at=START_TIME, left_at=None)
    message = await shared.world.added(Message, chat_id=member.chat_id, created_at=START_TIME)
    await shared.foreign.execute("UPDATE messages SET edited_at = '20000-01-01'")
    told = await told_by(shared.storage.chats.summaries(member.user_id))
    assert (told.table, told.key, told.column) == ("messages", message.id, "edited_at")
    owner = await shared.world.added(SafeOwner, removed_at=None)
    await shared.foreign.execute("UPDATE safe_owner SET added_at = '-infinity'")
    told = await told_by(shared.storage.safes.details(owner.safe_id))
    assert (told.table, told.key, told.column) == ("safe_owner", (owner.safe_id, owner.owner_address), "added_at")
    price = await shared.world.added(Price)
    await shared.foreign.execute("UPDATE price SET price_usd = 'NaN'")
    for call in (
        shared.storage.prices.as_of(price.coin_id, price.at),
        shared.storage.prices.as_of_many([(price.coin_id, price.at), (price.coin_id, START_TIME - timedelta(days=9))]),
    ):
        assert (await told_by(call)).key == (price.coin_id, price.at, price.source.value)
    rate = await shared.world.added(ApyHistory)
    await shared.foreign.execute("UPDATE apy_history SET apy = 'NaN'")
    told = await told_by(shared.storage.apy_history.as_of_many([rate.pool_id], rate.at))
    assert (told.table, told.column) == ("apy_history", "apy")


async def test_the_view_of_daily_prices_names_what_cannot_be_read(shared: Shared) -> None:
    """A price that is no number makes a day that is none: the view's row is named."""
    price = await shared.world.added(Price)
    await shared.foreign.execute("UPDATE price SET price_usd = 'NaN'")
    await shared.storage.token_daily_values.refresh()
    told = await told_by(shared.storage.token_daily_values.find())
    assert (told.table, told.key, told.column) == (
        "token_daily_values_mv",
        (price.coin_id, price.at.date()),
        "open",
    )
    await shared.foreign.execute("UPDATE strongroom_view_refresh SET refreshed_at = 'infinity'")
    assert (await told_by(shared.storage.token_daily_values.refreshed_at())).table == "strongroom_view_refresh"
    await shared.foreign.execute("DELETE FROM strongroom_view_refresh")


async def test_portfolios_name_what_cannot_be_read_and_one_stops_no_other(shared: Shared) -> None:
    """A portfolio names the position; the snapshots of all other users are taken."""
    position = await shared.world.added(Position, closed_at=None)
    await shared.foreign.execute("UPDATE nmt_position SET opened_at = '20000-01-01'")
    await shared.foreign.execute("UPDATE \"user\" SET status = 'active'")
    told = await told_by(report_portfolio(shared.storage, position.user_id, None))
    assert (told.table, told.key) == ("nmt_position", position.id)
    other = await shared.world.added(User)
    await shared.foreign.execute("UPDATE \"user\" SET status = 'active'")
    result = await take_portfolio_snapshots(shared.storage)
    assert isinstance(result.failed[position.user_id], UnreadableRow)
    assert other.id not in result.failed


async def test_a_key_that_cannot_be_read_is_named_as_text(shared: Shared) -> None:
    """The part of a key that no Python time can hold stands in the error as PostgreSQL writes it."""
    data = await shared.world.added(CoinData)
    price = await shared.world.added(Price)
    await shared.foreign.execute("UPDATE price SET at = 'infinity'")
    told = await told_by(shared.storage.prices.find())
    assert told.key == (price.coin_id, "infinity", price.source.value)
    assert await shared.storage.coin_data.get(data.coin_id) == data


async def test_a_sum_over_what_is_no_number_names_the_row(shared: Shared) -> None:
    """A balance names the change that is none, and the balances of other addresses are still told."""
    change = await shared.world.added(BalanceChange)
    other = await shared.world.added(BalanceChange)
    await shared.foreign.execute("UPDATE balance_change SET delta = 'NaN' WHERE address = $1", change.address)
    repository = shared.storage.balance_changes
    for call in (
        repository.balances(change.address),
        repository.balances_at_block(change.chain_id, change.address, change.block_number),
    ):
        told = await told_by(call)
        assert (told.table, told.column, told.value) == ("balance_change", "delta", "NaN")
    assert await repository.balances(other.address) == {other.coin_id: other.delta}
