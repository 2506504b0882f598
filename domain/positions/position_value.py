"""What a position is worth at a time, and what that figure rests on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID

from attrs import field, frozen

from ..pricing.as_of import FreshPrice, StalePrice
from ..values import usd
from ..values.amount import TokenAmount
from ..values.fields import MAX_UINT256
from ..values.instants import as_utc
from .position import Position
from .position_flow import FlowKind, PositionFlow
from .position_valuation import PositionValuation


class ValueBasis(Enum):
    """What the value of a position rests on."""

    EMPTY = "empty"
    VALUATION = "valuation"
    COINS = "coins"
    COST = "cost"


@frozen(kw_only=True)
class PositionValue:
    """A position's value in USD: what it rests on, from when that is (None at cost), whether it is too old."""

    value_usd: Decimal
    basis: ValueBasis
    valued_at: datetime | None
    is_stale: bool


@frozen(kw_only=True)
class Market:
    """What is known of coins as of a time: their prices and decimals, by coin id, and how old a figure may be."""

    at: datetime = field(converter=as_utc)
    max_age: timedelta | None
    prices: Mapping[UUID, FreshPrice | StalePrice]
    decimals: Mapping[UUID, int]

    def is_stale(self, valued_at: datetime) -> bool:
        """Say whether a figure of a time is older than the limit; one exactly that old is not."""
        return self.max_age is not None and self.at - as_utc(valued_at) > self.max_age


def position_value_at(
    position: Position, flows: Sequence[PositionFlow], valuation: PositionValuation | None, market: Market
) -> PositionValue:
    """Return what a position is worth, given it, its flows and its newest valuation as of the market's time.

    The first of these that is known: nothing, without shares; the valuation, in proportion to the shares where
    flows have changed them since; the position's own last value, where no flow came after it; the coins that
    were put in and not taken out, at their prices; the cost basis, which always counts as stale.
    """
    if not position.shares:
        return PositionValue(value_usd=usd.ZERO, basis=ValueBasis.EMPTY, valued_at=position.closed_at, is_stale=False)
    if valuation and valuation.shares:
        value_usd = usd.proportion(valuation.value_usd, position.shares, valuation.shares)
        return _with_staleness(value_usd, valuation.at, market)
    own = position.valued_at
    if own and own <= market.at and all(flow.at <= own for flow in flows):
        return _with_staleness(position.value_usd, own, market)
    return _value_of_coins(flows, market) or PositionValue(
        value_usd=position.cost_basis_usd, basis=ValueBasis.COST, valued_at=None, is_stale=True
    )


def _with_staleness(value_usd: Decimal, at: datetime, market: Market) -> PositionValue:
    return PositionValue(value_usd=value_usd, basis=ValueBasis.VALUATION, valued_at=at, is_stale=market.is_stale(at))


def _value_of_coins(flows: Sequence[PositionFlow], market: Market) -> PositionValue | None:
    """Return the worth of the coins inside, or None when one has no price or more of it came out than went in."""
    inside: defaultdict[UUID, int] = defaultdict(int)
    for flow in flows:
        if flow.kind is FlowKind.DEPOSIT or (flow.kind is FlowKind.REBASE and flow.shares_delta > 0):
            inside[flow.coin_id] += flow.amount
        elif flow.kind is FlowKind.WITHDRAWAL or flow.shares_delta:
            inside[flow.coin_id] -= flow.amount
    held = {coin_id: raw for coin_id, raw in inside.items() if raw}
    if not held or any(
        not 0 < raw <= MAX_UINT256 or coin_id not in market.prices or coin_id not in market.decimals
        for coin_id, raw in held.items()
    ):
        return None
    quotes = [market.prices[coin_id] for coin_id in held]
    return PositionValue(
        value_usd=usd.total(
            TokenAmount(raw, market.decimals[coin_id]).value_at(market.prices[coin_id].price.price_usd)
            for coin_id, raw in held.items()
        ),
        basis=ValueBasis.COINS,
        valued_at=min(quote.price.at for quote in quotes),
        is_stale=any(isinstance(quote, StalePrice) for quote in quotes),
    )
