"""What was derived from blocks that are lost in a reorganisation: positions, Safes, payments, pools."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.ingest_blocks import ingest_blocks
from strongroom.ports.use_cases.record_flow import record_flow
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
from strongroom.testing.factory import START_TIME, World

from .blocks import Chains, digest


async def test_data_derived_from_lost_blocks_is_removed(storage: Storage, chains: Chains, world: World) -> None:
    """Positions are what the flows that are left make them; snapshots, states and payments go back as well."""
    blocks = chains.branch("one", 10, 6)
    lost = EthTransaction(**attrs.asdict(chains.transaction(blocks[5].header, 9), recurse=False))
    await ingest_blocks(storage, "blocks", [*blocks[:5], attrs.evolve(blocks[5], transactions=[lost])])
    pool = await world.added(Pool, chain_id=chains.chain_id, indexed_block=15)
    ledger = {"shares": 0, "cost_basis_usd": Decimal(0), "realised_pnl_usd": Decimal(0), "closed_at": None}
    position = await world.added(
        Position, pool_id=pool.id, opened_at=START_TIME, status=PositionStatus.ACTIVE, **ledger
    )
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


async def test_valuations_of_lost_shares_go_and_those_that_somebody_entered_stay(
    storage: Storage, chains: Chains, world: World
) -> None:
    """A position that was valued after a lost flow is valued anew; its state in a pool is read anew as well."""
    position, lost, deposit = await a_lost_deposit(storage, chains, world)
    await record_flow(storage, deposit)
    state = await world.added(UniswapV3Position, position_id=position.id)
    other = await world.added(UniswapV3Position)
    for hours, source in ((-1, ValuationSource.ORACLE), (0, ValuationSource.ONCHAIN), (1, ValuationSource.MANUAL)):
        at, worth = lost.at + timedelta(hours=hours), Decimal(20 + hours)
        await storage.positions.update_valuation(position.id, worth, at=at, source=source)
    done = await roll_back_chain(storage, chains.chain_id, 14)
    assert (done.flows, done.valuations, done.position_states) == (1, 1, 1)
    kept = await storage.position_valuations.find()
    assert [valuation.source for valuation in kept] == [ValuationSource.ORACLE, ValuationSource.MANUAL]
    left = await storage.positions.get(position.id)
    assert (left.shares, left.value_usd, left.valued_at) == (0, Decimal(21), lost.at + timedelta(hours=1))
    assert state != other
    assert await storage.uniswap_v3_positions.find() == [other]


@pytest.mark.parametrize("status", PaymentStatus)
async def test_payments_by_lost_transactions_are_pending_again(
    storage: Storage, chains: Chains, world: World, status: PaymentStatus
) -> None:
    """A payment that was confirmed or failed by a lost transaction is pending again; one refunded stays so."""
    _, lost, _ = await a_lost_deposit(storage, chains, world)
    said = {"chain_id": chains.chain_id, "status": status}
    payment = await world.added(SubscriptionTransaction, transaction_hash=lost.hash, **said)
    other = await world.added(SubscriptionTransaction, transaction_hash=digest("other"), **said)
    done = await roll_back_chain(storage, chains.chain_id, 14)
    judged = status in (PaymentStatus.CONFIRMED, PaymentStatus.FAILED)
    wanted = PaymentStatus.PENDING if judged else status
    assert done.payments_set_back == judged
    assert (await storage.subscription_transactions.get(payment.id)).status is wanted
    assert await storage.subscription_transactions.get(other.id) == other


async def test_safe_transactions_executed_by_lost_transactions_are_reopened(
    storage: Storage, chains: Chains, world: World
) -> None:
    """The nonce is free again, what was executed and what it replaced are proposed; Safes elsewhere stay."""
    _, lost, _ = await a_lost_deposit(storage, chains, world)
    safes = [
        await world.added(SafeAccount, chain_id=chain_id, nonce=8, threshold=1)
        for chain_id in (chains.chain_id, (await world.added(Chain)).id)
    ]
    executed = {"nonce": 7, "executed_at": lost.at, "eth_transaction_hash": lost.hash}
    for safe in safes:
        await world.added(SafeTransaction, safe_id=safe.id, status=SafeTxStatus.EXECUTED, **executed)
        await world.added(
            SafeTransaction,
            safe_id=safe.id,
            status=SafeTxStatus.REPLACED,
            **executed | {"executed_at": None, "eth_transaction_hash": None},
        )
    done = await roll_back_chain(storage, chains.chain_id, 14)
    assert done.safe_transactions_set_back == 2
    found = await storage.safe_transactions.find()
    for safe, nonce, statuses in zip(safes, (7, 8), ({"proposed"}, {"executed", "replaced"}), strict=True):
        assert (await storage.safes.get(safe.id)).nonce == nonce
        own = [each for each in found if each.safe_id == safe.id]
        assert {each.status.value for each in own} == statuses
        assert {each.eth_transaction_hash for each in own} == ({None} if nonce == 7 else {None, lost.hash})


async def a_lost_deposit(
    storage: Storage, chains: Chains, world: World
) -> tuple[Position, EthTransaction, CreatePositionFlow]:
    """Return a position without shares, a transaction of block 15, and a deposit that it made."""
    blocks = chains.branch("one", 10, 6)
    lost = chains.transaction(blocks[5].header, 9)
    await ingest_blocks(storage, "blocks", [*blocks[:5], attrs.evolve(blocks[5], transactions=[lost])])
    ledger = {"shares": 0, "cost_basis_usd": Decimal(0), "realised_pnl_usd": Decimal(0), "closed_at": None}
    given: dict[str, Any] = {"opened_at": START_TIME - timedelta(days=1), "status": PositionStatus.ACTIVE} | ledger
    position = await world.added(Position, **given, valued_at=None, value_usd=Decimal(0))
    deposit = CreatePositionFlow(
        position_id=position.id,
        coin_id=chains.coins[0],
        kind=FlowKind.DEPOSIT,
        amount=5,
        amount_usd=Decimal(10),
        shares_delta=100,
        chain_id=chains.chain_id,
        transaction_hash=lost.hash,
        log_index=2,
        at=lost.at,
    )
    return position, lost, deposit
