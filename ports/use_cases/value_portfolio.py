"""Values a user's portfolio at a time, from what the repositories hold."""

from datetime import datetime, timedelta
from uuid import UUID

from strongroom.domain.positions.lots import CostMethod
from strongroom.domain.positions.portfolio import Portfolio, PortfolioRecords, portfolio_at
from strongroom.domain.values.instants import as_utc

from ..storage import Isolation, Repositories, Transaction, UnitOfWork


async def value_portfolio(
    storage: UnitOfWork,
    user_id: UUID,
    at: datetime | None = None,
    *,
    max_age: timedelta | None = None,
    cost_method: CostMethod = CostMethod.AVERAGE,
) -> Portfolio:
    """Return what a user holds at a time (the clock's now unless given), each position valued in USD.

    Cost basis and profit are by ``cost_method``.

    Everything is read in one consistent snapshot, by the same number of statements however much is held.
    Valuations and prices older than ``max_age`` count, and are flagged as stale. Raises NotFound for an unknown
    user, and InvalidValue for a time without a zone.
    """

    async def work(transaction: Transaction) -> Portfolio:
        await transaction.users.get(user_id)
        when = as_utc(at) or transaction.users.now()
        records = await read_portfolio_records(transaction, user_id, when)
        return portfolio_at(user_id, when, records, max_age=max_age, cost_method=cost_method)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def read_portfolio_records(repositories: Repositories, user_id: UUID, at: datetime) -> PortfolioRecords:
    """Return what is known of a user's holdings as of a time, in six statements: newest valuations and prices only."""
    positions = await repositories.positions.find_by_user(user_id)
    position_ids = [position.id for position in positions]
    flows = await repositories.position_flows.find_by_positions(position_ids)
    valuations = await repositories.position_valuations.as_of_many(position_ids, at)
    coin_ids = sorted({flow.coin_id for flow in flows})
    prices = await repositories.prices.as_of_many([(coin_id, at) for coin_id in coin_ids])
    return PortfolioRecords(
        positions=positions,
        pools=await repositories.pools.get_many(sorted({position.pool_id for position in positions})),
        flows=flows,
        valuations=list(valuations.values()),
        prices=[price for price in prices if price is not None],
        coins=await repositories.coins.get_many(coin_ids),
    )
