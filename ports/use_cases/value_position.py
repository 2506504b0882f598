"""Values a position by the arithmetic of its protocol, at the block of its pool's stored state."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.position import Position
from strongroom.domain.protocols.holdings import CoinsHeld, PoolState, TickGrowths, coins_of_range, coins_of_shares
from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.domain.values import usd
from strongroom.domain.values.amount import TokenAmount

from ..errors import InvalidValue, NotFound
from ..storage import Isolation, Transaction, UnitOfWork
from .pool_states import find_pool_states


@frozen(kw_only=True)
class ValuedPosition:
    """A position's payout at a block: raw units of each coin, and their value in USD at the block's time.

    ``has_all_fees`` is False if fees that were not yet credited could not be determined.
    """

    position: Position
    amounts: Mapping[UUID, int]
    value_usd: Decimal
    has_all_fees: bool
    block_number: int
    at: datetime


async def value_position(
    storage: UnitOfWork, position_id: UUID, *, ticks: TickGrowths | None = None, max_age: timedelta | None = None
) -> ValuedPosition:
    """Return what a position is worth by its pool's stored state: v2 shares, v3 ranges, Yearn and Morpho shares.

    ``ticks`` are the fee growths outside a Uniswap v3 position's ticks, without which only credited fees count. The
    coins are priced at the time of the state's block, by prices no older than ``max_age``. ``record_position_value``
    stores it. Raises NotFound for an unknown position, a block whose time is not stored and a coin without a price,
    InvalidValue for a pool without a state, and WouldRevert as the contracts do.
    """

    async def work(transaction: Transaction) -> ValuedPosition:
        return await _value(transaction, position_id, ticks, max_age)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def record_position_value(
    storage: UnitOfWork, position_id: UUID, *, ticks: TickGrowths | None = None, max_age: timedelta | None = None
) -> ValuedPosition:
    """Value a position as ``value_position`` does and store the valuation at the block's time.

    A valuation that is already stored for that time stays. Raises as ``value_position`` does.
    """

    async def work(transaction: Transaction) -> ValuedPosition:
        valued = await _value(transaction, position_id, ticks, max_age)
        if not await transaction.position_valuations.exists((position_id, valued.at)):
            await transaction.positions.update_valuation(position_id, valued.value_usd, at=valued.at)
        return valued

    return await storage.run(work)


async def _value(
    transaction: Transaction, position_id: UUID, ticks: TickGrowths | None, max_age: timedelta | None
) -> ValuedPosition:
    position = await transaction.positions.get(position_id)
    pool = await transaction.pools.get(position.pool_id)
    state = (await find_pool_states(transaction, [pool])).get(pool.id)
    if state is None:
        reason = f"no state of pool {pool.id} ({pool.kind.value}) is stored by which its positions could be valued"
        raise InvalidValue("Pool", field="kind", reason=reason)
    block = await transaction.block_headers.get((pool.chain_id, state.block_number))
    held = await _coins_held(transaction, position, state, ticks)
    return ValuedPosition(
        position=position,
        amounts=held.amounts,
        value_usd=await _worth(transaction, held.amounts, block.at, max_age),
        has_all_fees=held.has_all_fees,
        block_number=state.block_number,
        at=block.at,
    )


async def _coins_held(
    transaction: Transaction, position: Position, state: PoolState, ticks: TickGrowths | None
) -> CoinsHeld:
    if isinstance(state, UniswapV3Pool):
        return coins_of_range(state, await transaction.uniswap_v3_positions.get(position.id), ticks)
    decimals: dict[UUID, int] = {}
    asset_id = getattr(state, "asset_id", None)
    if asset_id is not None:
        decimals[asset_id] = (await transaction.coins.get(asset_id)).decimals
    return coins_of_shares(state, position.shares, decimals)


async def _worth(
    transaction: Transaction, amounts: Mapping[UUID, int], at: datetime, max_age: timedelta | None
) -> Decimal:
    coins = {coin.id: coin for coin in await transaction.coins.get_many(sorted(amounts))}
    prices = await transaction.prices.as_of_many([(coin_id, at) for coin_id in sorted(amounts)], max_age=max_age)
    worth: list[Decimal] = []
    for coin_id, price in zip(sorted(amounts), prices, strict=True):
        if price is None and amounts[coin_id]:
            raise NotFound("Price", (coin_id, at))
        if price is not None:
            worth.append(TokenAmount(amounts[coin_id], coins[coin_id].decimals).value_at(price.price_usd))
    return usd.total(worth)
