"""What a user holds at a time: every position with its value, its cost, its profit and its part of the whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from attrs import frozen

from ..errors import InvalidValue
from ..pricing.as_of import prices_as_of
from ..pricing.coin import Coin
from ..pricing.price import Price
from ..values import usd
from ..values.instants import utc_times
from .lots import CostMethod, replay_by_method
from .pool import Pool
from .position import Position
from .position_flow import PositionFlow
from .position_valuation import PositionValuation
from .position_value import Market, PositionValue, ValueBasis, position_value_at


@frozen(kw_only=True)
class PortfolioPosition:
    """A position of a portfolio: ``position`` as its flows had left it at the time, valued in USD.

    ``share_of_total`` is a fraction of the portfolio's value, to 12 places. ``basis`` says what the value rests
    on, ``valued_at`` from when that is (None where nothing but the cost is known), and ``is_stale`` that it is
    older than the limit, or only the cost.
    """

    position: Position
    protocol_id: UUID
    value_usd: Decimal
    cost_basis_usd: Decimal
    realised_pnl_usd: Decimal
    unrealised_pnl_usd: Decimal
    share_of_total: Decimal
    basis: ValueBasis
    valued_at: datetime | None
    is_stale: bool


@frozen(kw_only=True)
class ProtocolHolding:
    """What a portfolio holds in one protocol, in USD; ``share_of_total`` is a fraction, to 12 places."""

    protocol_id: UUID
    value_usd: Decimal
    cost_basis_usd: Decimal
    realised_pnl_usd: Decimal
    unrealised_pnl_usd: Decimal
    share_of_total: Decimal


@frozen(kw_only=True)
class Portfolio:
    """What a user holds at a time, in USD; positions and protocols with the largest value first.

    ``is_stale`` says that the value of an open position is.
    """

    user_id: UUID
    at: datetime
    value_usd: Decimal
    cost_basis_usd: Decimal
    realised_pnl_usd: Decimal
    unrealised_pnl_usd: Decimal
    positions: tuple[PortfolioPosition, ...]
    by_protocol: tuple[ProtocolHolding, ...]
    is_stale: bool

    @property
    def total_pnl_usd(self) -> Decimal:
        """The realised and the unrealised profit."""
        return usd.add(self.realised_pnl_usd, self.unrealised_pnl_usd)


@frozen(kw_only=True)
class PortfolioRecords:
    """What is known of a user's holdings, in any order; the pools are those of the positions.

    Flows are all of a position's, or none. Valuations and prices may be all there are, or only the newest.
    """

    positions: Sequence[Position]
    pools: Sequence[Pool]
    flows: Sequence[PositionFlow] = ()
    valuations: Sequence[PositionValuation] = ()
    prices: Sequence[Price] = ()
    coins: Sequence[Coin] = ()


@utc_times
def portfolio_at(
    user_id: UUID,
    at: datetime,
    records: PortfolioRecords,
    *,
    max_age: timedelta | None = None,
    cost_method: CostMethod = CostMethod.AVERAGE,
) -> Portfolio:
    """Return a user's portfolio at a time; of the records, what is later than the time does not count.

    Positions are replayed from their flows up to and at the time (see ledger), with cost and profit by a method (see
    lots); one of which no flow at all is given is taken as it stands, at average cost. Those closed by then are there
    with their realised profit and no value; those opened later are not. A position's worth is told by
    ``position_value_at``; valuations and prices older than ``max_age`` count, and are flagged as stale.

    Raises InvalidValue for a position of another user, KeyError for a pool that is not given, and as ``replay`` does.
    """
    protocols = {pool.id: pool.protocol_id for pool in records.pools}
    flows_of: defaultdict[UUID, list[PositionFlow]] = defaultdict(list)
    for flow in records.flows:
        flows_of[flow.position_id].append(flow)
    newest = _latest(records.valuations, at)
    market = Market(
        at=at,
        max_age=max_age,
        prices=prices_as_of(records.prices, at, max_age=max_age),
        decimals={coin.id: coin.decimals for coin in records.coins},
    )
    held: list[tuple[Position, PositionValue]] = []
    for position in records.positions:
        if position.user_id != user_id:
            reason = f"position {position.id} belongs to user {position.user_id}"
            raise InvalidValue("Position", field="user_id", reason=reason)
        if position.opened_at <= at:
            known = flows_of[position.id]
            past = [flow for flow in known if flow.at <= at]
            then = replay_by_method(position, past, cost_method) if known else position
            held.append((then, position_value_at(then, past, newest.get(position.id), market)))
    return _portfolio(user_id, at, held, protocols)


def _latest(valuations: Iterable[PositionValuation], at: datetime) -> dict[UUID, PositionValuation]:
    newest: dict[UUID, PositionValuation] = {}
    for valuation in valuations:
        known = newest.get(valuation.position_id)
        if valuation.at <= at and (known is None or valuation.at > known.at):
            newest[valuation.position_id] = valuation
    return newest


def _portfolio(
    user_id: UUID, at: datetime, held: Sequence[tuple[Position, PositionValue]], protocols: Mapping[UUID, UUID]
) -> Portfolio:
    total_usd = usd.total(worth.value_usd for _, worth in held)
    holdings = [
        PortfolioPosition(
            position=position,
            protocol_id=protocols[position.pool_id],
            value_usd=worth.value_usd,
            cost_basis_usd=position.cost_basis_usd,
            realised_pnl_usd=position.realised_pnl_usd,
            unrealised_pnl_usd=usd.subtract(worth.value_usd, position.cost_basis_usd),
            share_of_total=usd.fraction(worth.value_usd, total_usd),
            basis=worth.basis,
            valued_at=worth.valued_at,
            is_stale=worth.is_stale,
        )
        for position, worth in held
    ]
    return Portfolio(
        user_id=user_id,
        at=at,
        value_usd=total_usd,
        cost_basis_usd=usd.total(holding.cost_basis_usd for holding in holdings),
        realised_pnl_usd=usd.total(holding.realised_pnl_usd for holding in holdings),
        unrealised_pnl_usd=usd.total(holding.unrealised_pnl_usd for holding in holdings),
        positions=tuple(sorted(holdings, key=lambda holding: (holding.value_usd.copy_negate(), holding.position.id))),
        by_protocol=_by_protocol(holdings, total_usd),
        is_stale=any(holding.is_stale for holding in holdings),
    )


def _by_protocol(holdings: Iterable[PortfolioPosition], total_usd: Decimal) -> tuple[ProtocolHolding, ...]:
    groups: defaultdict[UUID, list[PortfolioPosition]] = defaultdict(list)
    for holding in holdings:
        groups[holding.protocol_id].append(holding)
    protocols: list[ProtocolHolding] = []
    for protocol_id, group in groups.items():
        value_usd = usd.total(holding.value_usd for holding in group)
        protocols.append(
            ProtocolHolding(
                protocol_id=protocol_id,
                value_usd=value_usd,
                cost_basis_usd=usd.total(holding.cost_basis_usd for holding in group),
                realised_pnl_usd=usd.total(holding.realised_pnl_usd for holding in group),
                unrealised_pnl_usd=usd.total(holding.unrealised_pnl_usd for holding in group),
                share_of_total=usd.fraction(value_usd, total_usd),
            )
        )
    return tuple(sorted(protocols, key=lambda protocol: (protocol.value_usd.copy_negate(), protocol.protocol_id)))
