"""Bulk writes: atomic, counted, matched by the key or by another unique key, of any size."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from strongroom.adapters.mapping.table import Table
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, ReferenceMissing, UnknownField
from strongroom.ports.results import BulkResult
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import START_TIME, World, can_change
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

EVERY_TABLE = pytest.mark.parametrize("table", MODEL.tables, ids=lambda table: table.name)
BOTH = pytest.mark.parametrize("method", ["bulk_upsert", "bulk_add_missing"])


@EVERY_TABLE
async def test_rows_are_inserted_updated_or_left(world: World, table: Table) -> None:
    """``bulk_upsert`` inserts the absent, replaces the different, leaves the equal, and counts each."""
    new = [await world.ready(table) for _ in range(2)]
    same, old = await world.several(table, 2)
    changed = [world.changed(old)] if can_change(table) else []
    repository = world.repository(table)
    result = await repository.bulk_upsert(iter([*new, same, *changed]))
    assert result == BulkResult(inserted=2, updated=len(changed), unchanged=1)
    for row in new:
        assert exact_form(await repository.get(table.key_of(row))) == exact_form(table.stored(row))
    assert exact_form(await repository.get(table.key_of(same))) == exact_form(same)
    for row in changed:
        own = {"version": old.version + 1} if table.versioned else {}
        assert exact_form(await repository.get(table.key_of(row))) == exact_form(table.replaced(row, **own))
    assert await repository.bulk_upsert([*new, same, *changed]) == BulkResult(unchanged=3 + len(changed))


@EVERY_TABLE
async def test_only_missing_rows_are_added(world: World, table: Table) -> None:
    """``bulk_add_missing`` inserts the absent and leaves what is there, however different."""
    new = [await world.ready(table) for _ in range(2)]
    old = await world.added(table)
    given = world.changed(old) if can_change(table) else old
    repository = world.repository(table)
    assert await repository.bulk_add_missing([given, *new]) == BulkResult(inserted=2, unchanged=1)
    assert exact_form(await repository.get(table.key_of(old))) == exact_form(old)
    assert await repository.bulk_add_missing([given, *new]) == BulkResult(unchanged=3)


@BOTH
async def test_an_empty_bulk_writes_nothing(world: World, method: str) -> None:
    """An empty bulk does nothing and counts nothing."""
    assert await getattr(world.storage.users, method)([]) == BulkResult()
    assert await world.storage.users.count() == 0


async def test_versions_and_times_alone_do_not_count_as_changes(world: World, clock: FixedClock) -> None:
    """A row in which only the fields that storage keeps differ is unchanged; an updated one keeps ``created_at``."""
    pool = await world.added(Pool)
    clock.time += timedelta(hours=1)
    other = attrs.evolve(pool, created_at=clock.now(), updated_at=clock.now(), version=9)
    assert await world.storage.pools.bulk_upsert([other]) == BulkResult(unchanged=1)
    assert await world.storage.pools.get(pool.id) == pool
    assert await world.storage.pools.bulk_upsert([attrs.evolve(other, apy=Decimal(3))]) == BulkResult(updated=1)
    wanted = attrs.evolve(other, apy=Decimal(3), created_at=pool.created_at, version=pool.version + 1)
    assert await world.storage.pools.get(pool.id) == wanted


async def test_rows_that_are_stored_equal_count_as_unchanged(world: World) -> None:
    """Values that are stored alike are unchanged: other places, rounded digits, another zone, another writing."""
    price = await world.added(Price, price_usd=Decimal("1.5"), at=START_TIME)
    for given in (Decimal("1.50"), Decimal("1.5000000000000000004"), Decimal("15E-1")):
        assert await world.storage.prices.bulk_upsert([attrs.evolve(price, price_usd=given)]) == BulkResult(unchanged=1)
    null = attrs.evolve(price, confidence=None)
    await world.storage.prices.bulk_upsert([null])
    assert await world.storage.prices.bulk_upsert([null]) == BulkResult(unchanged=1)


async def test_bulk_upsert_keeps_the_last_duplicate(world: World) -> None:
    """Of rows of the same key within a batch ``bulk_upsert`` takes the last; they count once."""
    first = await world.ready(Pool)
    middle, last = attrs.evolve(first, name="middle"), attrs.evolve(first, name="last")
    assert await world.storage.pools.bulk_upsert([first, middle, last]) == BulkResult(inserted=1)
    stored = await world.storage.pools.get(first.id)
    assert stored == last
    assert await world.storage.pools.bulk_upsert([middle, stored]) == BulkResult(unchanged=1)
    assert await world.storage.pools.bulk_upsert([stored, middle]) == BulkResult(updated=1)


async def test_bulk_add_missing_keeps_the_first_duplicate(world: World) -> None:
    """Of rows of the same key within a batch ``bulk_add_missing`` takes the first; they count once."""
    first = await world.ready(Pool)
    last = attrs.evolve(first, name="last")
    assert await world.storage.pools.bulk_add_missing([first, last]) == BulkResult(inserted=1)
    assert await world.storage.pools.get(first.id) == first
    assert await world.storage.pools.bulk_add_missing([last, first]) == BulkResult(unchanged=1)


async def test_rows_are_matched_by_another_unique_key(world: World) -> None:
    """With ``by`` a row that has the unique values is matched and keeps its own key."""
    coin = await world.added(Coin)
    by = ("chain_id", "address")
    twin = attrs.evolve(await world.ready(Coin, chain_id=coin.chain_id, address=coin.address), name="new name")
    assert await world.storage.coins.bulk_add_missing([twin], by=by) == BulkResult(unchanged=1)
    assert await world.storage.coins.bulk_upsert([twin], by=by) == BulkResult(updated=1)
    assert await world.storage.coins.get(coin.id) == attrs.evolve(twin, id=coin.id)
    assert not await world.storage.coins.exists(twin.id)
    assert await world.storage.coins.bulk_upsert([twin], by=by) == BulkResult(unchanged=1)
    twins = [await world.ready(Coin, chain_id=coin.chain_id, address="0x" + "e" * 40) for _ in range(2)]
    assert await world.storage.coins.bulk_upsert(twins, by=by) == BulkResult(inserted=1)
    assert await world.storage.coins.exists(twins[1].id)


async def test_by_must_name_a_whole_unique_key(world: World) -> None:
    """``by`` that is not exactly the fields of a unique key raises UnknownField, also for an empty bulk."""
    coin = await world.ready(Coin)
    for by in (("nonsense",), ("address",), ("address", "chain_id"), ()):
        for method in ("bulk_upsert", "bulk_add_missing"):
            for rows in ([coin], []):
                with pytest.raises(UnknownField):
                    await getattr(world.storage.coins, method)(rows, by=by)
    assert await world.storage.coins.bulk_upsert([coin], by=("id",)) == BulkResult(inserted=1)


@BOTH
async def test_a_refused_bulk_changes_nothing(world: World, method: str) -> None:
    """One row that is refused refuses all, naming the rule."""
    table_wallets = world.storage.wallets
    stored = await world.added(Wallet)
    good, bad = await world.ready(Wallet), await world.ready(Wallet)
    cases: list[tuple[type[Exception], Any, str | None]] = [
        (AlreadyExists, attrs.evolve(bad, address=stored.address), "wallet_family_address_key"),
        (AlreadyExists, attrs.evolve(bad, address=good.address), "wallet_family_address_key"),
        (ReferenceMissing, attrs.evolve(bad, user_id=world.absent_key(User)), "wallet_user_id_fkey"),
        (InvalidValue, MODEL.table_of(Wallet).replaced(bad, address="1" * 32), "wallet_family_check"),
        (InvalidValue, MODEL.table_of(Wallet).replaced(bad, label="nul\0"), None),
        (InvalidValue, MODEL.table_of(Wallet).replaced(bad, user_id=None), None),
    ]
    for error, row, constraint in cases:
        with pytest.raises(error) as caught:
            await getattr(table_wallets, method)([good, row])
        assert (caught.value.entity, caught.value.constraint) == ("Wallet", constraint)  # type: ignore[attr-defined]
        assert await table_wallets.find() == [stored]


@BOTH
async def test_a_bulk_joins_its_transaction(world: World, method: str) -> None:
    """A bulk within a transaction is undone with it, and several bulks may follow one another."""
    users = [await world.ready(User) for _ in range(4)]
    with pytest.raises(LookupError):
        async with world.storage.transaction() as tx:
            assert await getattr(tx.users, method)(users[:2]) == BulkResult(inserted=2)
            assert await getattr(tx.users, method)(users) == BulkResult(inserted=2, unchanged=2)
            raise LookupError
    assert await world.storage.users.count() == 0


async def test_a_flow_is_not_replaced_in_bulk(world: World) -> None:
    """``bulk_upsert`` of a changed flow raises InvalidValue; the same flow again is unchanged."""
    flow = await world.added(PositionFlow)
    assert await world.storage.position_flows.bulk_upsert([flow]) == BulkResult(unchanged=1)
    with pytest.raises(InvalidValue) as caught:
        await world.storage.position_flows.bulk_upsert([attrs.evolve(flow, amount=flow.amount + 1)])
    assert caught.value.constraint == "nmt_position_flow_immutable"


async def test_ten_thousand_rows_are_written(world: World) -> None:
    """Ten thousand rows from an iterator are written, changed and left, each counted, over several months."""
    coin = await world.added(Coin)

    def prices(change: int = 0) -> Iterator[Price]:
        for number in range(10_000):
            yield Price(
                coin_id=coin.id,
                at=START_TIME + timedelta(minutes=15 * number),
                source=PriceSource.DEFILLAMA,
                price_usd=Decimal(number) / 7 + (change if number % 10 == 0 else 0),
                confidence=None,
            )

    assert await world.storage.prices.bulk_upsert(prices()) == BulkResult(inserted=10_000)
    assert await world.storage.prices.bulk_upsert(prices(1)) == BulkResult(updated=1000, unchanged=9000)
    assert await world.storage.prices.bulk_add_missing(prices(2)) == BulkResult(unchanged=10_000)
    assert await world.storage.prices.count() == 10_000
    last = await world.storage.prices.as_of(coin.id, START_TIME + timedelta(days=3650))
    assert last is not None
    assert last.price_usd == (Decimal(9999) / 7).quantize(Decimal("1E-18"))


async def test_references_of_a_bulk_are_checked_last(world: World) -> None:
    """Of one bulk, unique keys are held for every row before any reference is."""
    stored, taken = await world.several(Wallet, 2)
    lost = attrs.evolve(stored, user_id=world.absent_key(User))
    double = attrs.evolve(await world.ready(Wallet), address=taken.address)
    with pytest.raises(AlreadyExists) as caught:
        await world.storage.wallets.bulk_upsert([lost, double])
    assert caught.value.constraint == "wallet_family_address_key"
    with pytest.raises(ReferenceMissing):
        await world.storage.wallets.bulk_upsert([lost])
