"""Reorganisations: what is left after one is what the canonical chain alone would have left."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.transactions.errors import BlocksMissing, HeadersNotLinked, ReorganisationDetected
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.ports.errors import ReferenceMissing
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
from strongroom.ports.use_cases.record_flow import record_flow
from strongroom.ports.use_cases.roll_back_chain import RolledBack, roll_back_chain
from strongroom.testing.comparing import exact
from strongroom.testing.factory import MORNING, World

from .blocks import ADDRESSES, FACTS, Chains, digest
from .properties import RELAXED

DEPTH = 12


@pytest.fixture
async def chains(world: World) -> Chains:
    """A generator of blocks of a chain that is stored."""
    chain = await world.added(Chain)
    coins = await world.several(Coin, 2, chain_id=chain.id)
    return Chains(chain.id, [coin.id for coin in coins])


async def contents(storage: Storage) -> dict[str, Any]:
    """Return every fact of every chain, and how far each stream has come."""
    found: dict[str, Any] = {name: exact(await getattr(storage, name).find()) for name in FACTS}
    found["checkpoints"] = [
        (row.stream, row.block_number, row.block_hash) for row in await storage.indexer_checkpoints.find()
    ]
    return found


async def empty(storage: Storage, chains: Chains) -> None:
    """Take all blocks away."""
    await roll_back_chain(storage, chains.chain_id, 0)
    assert {len(rows) for name, rows in (await contents(storage)).items() if name != "checkpoints"} == {1}


async def test_a_reorganisation_of_twelve_blocks_leaves_the_canonical_chain_alone(
    storage: Storage, chains: Chains
) -> None:
    """The error names the fork, and after the way back from there nothing of the branch that lost is left."""
    shared = chains.branch("shared", 100, 20)
    lost = chains.branch("lost", 120, DEPTH, shared[-1].header.hash)
    won = chains.branch("won", 120, DEPTH + 3, shared[-1].header.hash)
    await ingest_blocks(storage, "blocks", shared)
    await ingest_blocks(storage, "blocks", lost)
    before = await contents(storage)
    batch = [*shared[-2:], *won]
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", batch)
    assert (caught.value.fork_number, caught.value.conflict_number) == (119, 120)
    assert await contents(storage) == before
    done = await roll_back_chain(storage, chains.chain_id, 119)
    assert (done.headers, done.checkpoints_set_back) == (DEPTH, 1)
    assert (await storage.indexer_checkpoints.get((chains.chain_id, "blocks"))).block_hash == shared[-1].header.hash
    assert (await ingest_blocks(storage, "blocks", batch)).new_blocks == [block.header.number for block in won]
    after = await contents(storage)
    await empty(storage, chains)
    await ingest_blocks(storage, "blocks", [*shared, *won])
    assert after == await contents(storage)


@RELAXED
@given(
    shared=st.integers(1, 5),
    lost=st.integers(1, 5),
    won=st.integers(1, 5),
    reach=st.integers(0, 5),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
async def test_any_reorganisation_leaves_the_canonical_chain_alone(
    storage: Storage, chains: Chains, shared: int, lost: int, won: int, reach: int, sizes: list[int]
) -> None:
    """However long the branches, and however the blocks come in: what was ingested twice is there once."""
    await empty(storage, chains)
    trunk = chains.branch("trunk", 1, shared)
    parent = trunk[-1].header.hash
    old, new = chains.branch("old", shared + 1, lost, parent), chains.branch("new", shared + 1, won, parent)
    for batch in in_batches([*trunk, *old], sizes):
        await ingest_blocks(storage, "blocks", batch)
        await ingest_blocks(storage, "blocks", batch)
    wanted = [*trunk[max(0, shared - reach) :], *new]
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", wanted)
    assert caught.value.fork_number == shared
    await roll_back_chain(storage, chains.chain_id, caught.value.fork_number)
    for batch in in_batches(wanted, sizes):
        await ingest_blocks(storage, "blocks", batch)
    after = await contents(storage)
    await empty(storage, chains)
    await ingest_blocks(storage, "blocks", [*trunk, *new])
    assert after == await contents(storage)


def in_batches(blocks: Sequence[Block], sizes: Sequence[int]) -> list[list[Block]]:
    """Return the blocks in batches of the sizes, again and again."""
    batches: list[list[Block]] = []
    start = 0
    while start < len(blocks):
        size = sizes[len(batches) % len(sizes)]
        batches.append([*blocks[start : start + size]])
        start += size
    return batches


async def test_a_fork_below_the_batch_is_said_to_be_below(storage: Storage, chains: Chains) -> None:
    """A batch that shares no block with what is stored names the lowest block that differs, and no fork."""
    await ingest_blocks(storage, "blocks", chains.branch("one", 10, 5))
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", chains.branch("other", 12, 5))
    assert (caught.value.fork_number, caught.value.conflict_number) == (None, 11)


async def test_what_is_no_chain_or_leaves_a_gap_is_refused(storage: Storage, chains: Chains) -> None:
    """Blocks that do not follow one another, or not what is stored, are refused and leave nothing."""
    blocks = chains.branch("one", 10, 5)
    assert (await ingest_blocks(storage, "blocks", [])).checkpoint is None
    await ingest_blocks(storage, "blocks", blocks[:2])
    before = await contents(storage)
    with pytest.raises(BlocksMissing):
        await ingest_blocks(storage, "blocks", blocks[3:])
    with pytest.raises(HeadersNotLinked):
        await ingest_blocks(storage, "blocks", [blocks[1], blocks[3]])
    assert await contents(storage) == before


async def test_a_block_that_storage_refuses_leaves_nothing_of_its_batch(storage: Storage, chains: Chains) -> None:
    """A fact that is refused takes the whole batch with it, headers and checkpoint included."""
    blocks = chains.branch("one", 10, 5)
    await ingest_blocks(storage, "blocks", blocks[:2])
    before = await contents(storage)
    swap = chains.swap(chains.transaction(blocks[4].header, 9))
    bad = attrs.evolve(blocks[4], swaps=[attrs.evolve(swap, coin_in_id=UUID(int=5))])
    with pytest.raises(ReferenceMissing):
        await ingest_blocks(storage, "blocks", [*blocks[2:4], bad])
    assert await contents(storage) == before


async def test_a_block_above_the_head_takes_nothing_back(storage: Storage, chains: Chains) -> None:
    """Rolling back to the head, or beyond, changes nothing; below the first block nothing is left."""
    await ingest_blocks(storage, "blocks", chains.branch("one", 10, 5))
    before = await contents(storage)
    nothing = RolledBack(**dict.fromkeys((field.name for field in attrs.fields(RolledBack)), 0))
    for number in (14, 15, 2**63 - 1):
        assert await roll_back_chain(storage, chains.chain_id, number) == nothing
    assert await roll_back_chain(storage, chains.chain_id + 1, 0) == nothing
    assert await contents(storage) == before
    assert (await roll_back_chain(storage, chains.chain_id, 9)).headers == 5
    assert await storage.indexer_checkpoints.count() == 0


async def test_what_was_derived_from_lost_blocks_goes_with_them(storage: Storage, chains: Chains, world: World) -> None:
    """Positions are what the flows that are left make them; snapshots, states and payments go back as well."""
    blocks = chains.branch("one", 10, 6)
    lost = EthTransaction(**attrs.asdict(chains.transaction(blocks[5].header, 9), recurse=False))
    await ingest_blocks(storage, "blocks", [*blocks[:5], attrs.evolve(blocks[5], transactions=[lost])])
    pool = await world.added(Pool, chain_id=chains.chain_id, indexed_block=15)
    ledger = {"shares": 0, "cost_basis_usd": Decimal(0), "realised_pnl_usd": Decimal(0), "closed_at": None}
    position = await world.added(Position, pool_id=pool.id, opened_at=MORNING, status=PositionStatus.ACTIVE, **ledger)
    said = {"position_id": position.id, "coin_id": chains.coins[0], "amount": 5, "chain_id": chains.chain_id}
    kept = await record_flow(
        storage,
        CreatePositionFlow(
            **said,
            kind=FlowKind.DEPOSIT,
            amount_usd=Decimal(10),
            shares_delta=100,
            transaction_hash=digest("kept"),
            log_index=1,
            at=blocks[1].header.at,
        ),
    )
    valued = await storage.positions.update_valuation(position.id, Decimal(12), at=blocks[2].header.at)
    await record_flow(
        storage,
        CreatePositionFlow(
            **said,
            kind=FlowKind.WITHDRAWAL,
            amount_usd=Decimal(15),
            shares_delta=-100,
            transaction_hash=lost.hash,
            log_index=2,
            at=lost.at,
        ),
    )
    assert (await storage.positions.get(position.id)).status is PositionStatus.CLOSED
    snapshots = [
        await world.added(PortfolioSnapshot, user_id=position.user_id, day=lost.at.date() + timedelta(days=days))
        for days in (-1, 0, 1)
    ]
    await world.added(UniswapV2Pair, pool_id=pool.id, block_number=15)
    other = await world.added(UniswapV2Pair, block_number=15)
    payment = await world.added(
        SubscriptionTransaction,
        chain_id=chains.chain_id,
        transaction_hash=lost.hash,
        status=PaymentStatus.CONFIRMED,
    )
    done = await roll_back_chain(storage, chains.chain_id, 14)
    assert (done.flows, done.positions_replayed, done.snapshots, done.pool_states, done.payments_set_back) == (
        1,
        1,
        2,
        1,
        1,
    )
    left = await storage.positions.get(position.id)
    assert left == attrs.evolve(valued, version=left.version, updated_at=left.updated_at)
    assert (left.status, left.shares, left.value_usd) == (PositionStatus.ACTIVE, 100, Decimal(12))
    assert await storage.position_flows.find() == [kept.flow]
    assert await storage.portfolio_snapshots.find() == snapshots[:1]
    assert await storage.uniswap_v2_pairs.find() == [other]
    assert (await storage.pools.get(pool.id)).indexed_block == 14
    assert (await storage.subscription_transactions.get(payment.id)).status is PaymentStatus.PENDING


@RELAXED
@given(order=st.permutations(range(6)), at=st.integers(9, 17))
async def test_balances_do_not_depend_on_the_order_of_arrival(
    storage: Storage, chains: Chains, order: list[int], at: int
) -> None:
    """The balances of an address at a block are the sums of its changes up to it, in whatever order they came."""
    await empty(storage, chains)
    blocks = chains.branch("one", 10, 6)
    for place in order:
        await storage.balance_changes.bulk_upsert(blocks[place].balance_changes)
    for address in ADDRESSES:
        sums: dict[UUID, int] = {}
        for block in blocks:
            for change in block.balance_changes:
                if change.address == address and block.header.number <= at:
                    sums[change.coin_id] = sums.get(change.coin_id, 0) + change.delta
        wanted = {coin_id: total for coin_id, total in sums.items() if total}
        assert await storage.balance_changes.balances_at_block(chains.chain_id, address, at) == wanted
