"""Generate the sample users' activity by the rules of the ledger, so that positions agree with their flows."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.positions.ledger import apply_flow
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import FlowKind, PositionFlow
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.values import usd
from strongroom.domain.values.amount import TokenAmount

from .market import day_start, price_usd, share_price_usd
from .reference_data import COINS, DAYS, POOLS, SamplePool, sample_id

TIME_OF_DAY: Final = timedelta(hours=9, minutes=30)
_DOWN: Final = Context(prec=80, rounding=ROUND_DOWN)


@frozen
class Deposit:
    """So many USD put in, in equal parts of the pool's coins."""

    day: int
    amount_usd: int


@frozen
class Withdrawal:
    """A part of the shares taken out, in percent; 100 closes the position."""

    day: int
    percent: int


@frozen
class Fee:
    """A fee paid on top, in ether; gas, say."""

    day: int
    amount_usd: int


@frozen
class Holding:
    """The history of one position: its pool, and its moves by day."""

    pool: str
    moves: tuple[Deposit | Withdrawal | Fee, ...]


@frozen
class History:
    """A position as it came to be: its flows, its valuations, and how they left it."""

    position: Position
    flows: tuple[PositionFlow, ...]
    valuations: tuple[PositionValuation, ...]


def build_history(user_id: UUID, wallet_id: UUID, holding: Holding) -> History:
    """Return what a user's holding came to: valued at every flow, and at the start of every day until it is closed."""
    sample = POOLS[holding.pool]
    opened_at = day_start(holding.moves[0].day) + TIME_OF_DAY
    position = Position(
        id=sample_id("position", wallet_id, holding.pool),
        user_id=user_id,
        wallet_id=wallet_id,
        pool_id=sample.pool.id,
        opened_at=opened_at,
        created_at=opened_at,
        updated_at=opened_at,
    )
    flows: list[PositionFlow] = []
    valuations: list[PositionValuation] = []
    for day in range(holding.moves[0].day, DAYS + 1):
        if position.shares:
            position = _add_valuation(position, sample, day, day_start(day), valuations)
        for move in holding.moves:
            if move.day == day:
                made = tuple(_flows(position, sample, move))
                flows += made
                for flow in made:
                    position = apply_flow(position, flow)
                if position.status is PositionStatus.CLOSED:
                    return History(evolve(position, updated_at=made[-1].at), tuple(flows), tuple(valuations))
                position = _add_valuation(position, sample, day, made[-1].at, valuations)
    return History(position, tuple(flows), tuple(valuations))


def _add_valuation(
    position: Position, sample: SamplePool, day: int, at: datetime, valuations: list[PositionValuation]
) -> Position:
    value_usd = TokenAmount(position.shares, sample.share_decimals).value_at(share_price_usd(sample, day))
    valuations.append(
        PositionValuation(
            position_id=position.id,
            at=at,
            value_usd=value_usd,
            shares=position.shares,
            source=ValuationSource.ONCHAIN,
        )
    )
    return evolve(position, value_usd=value_usd, valued_at=at, updated_at=at)


def _flows(position: Position, sample: SamplePool, move: Deposit | Withdrawal | Fee) -> Iterator[PositionFlow]:
    """Yield the flows of a move in the ledger's order: the one with the shares first going in, last going out."""
    match move:
        case Fee():
            coin = COINS["ETH"]
            raw = _raw_amount(Decimal(move.amount_usd), price_usd(coin.symbol, move.day), coin.decimals)
            yield _flow(position, FlowKind.FEE, coin, raw, move.day, shares_delta=0)
        case Deposit():
            parts = _parts(sample.coins, Decimal(move.amount_usd), move.day)
            paid_usd = usd.total(_coin_value(coin, raw, move.day) for coin, raw in parts)
            shares = _raw_amount(paid_usd, share_price_usd(sample, move.day), sample.share_decimals)
            for place, (coin, raw) in enumerate(parts):
                delta = 0 if place else shares
                yield _flow(position, FlowKind.DEPOSIT, coin, raw, move.day, shares_delta=delta)
        case Withdrawal():
            shares = position.shares * move.percent // 100
            out_usd = TokenAmount(shares, sample.share_decimals).value_at(share_price_usd(sample, move.day))
            parts = _parts(sample.coins, out_usd, move.day)
            for place, (coin, raw) in enumerate(parts, start=1):
                delta = -shares if place == len(parts) else 0
                yield _flow(position, FlowKind.WITHDRAWAL, coin, raw, move.day, shares_delta=delta)


def _parts(coins: Sequence[Coin], amount_usd: Decimal, day: int) -> list[tuple[Coin, int]]:
    part_usd = usd.multiply(amount_usd, Decimal(1) / len(coins))
    return [(coin, _raw_amount(part_usd, price_usd(coin.symbol, day), coin.decimals)) for coin in coins]


def _raw_amount(amount_usd: Decimal, unit_price_usd: Decimal, decimals: int) -> int:
    with localcontext(_DOWN):
        return int((amount_usd / unit_price_usd).scaleb(decimals))


def _coin_value(coin: Coin, raw: int, day: int) -> Decimal:
    return TokenAmount(raw, coin.decimals).value_at(price_usd(coin.symbol, day))


def _flow(  # noqa: PLR0913 - the fields of a flow
    position: Position, kind: FlowKind, coin: Coin, raw: int, day: int, *, shares_delta: int
) -> PositionFlow:
    at = day_start(day) + TIME_OF_DAY
    return PositionFlow(
        id=sample_id("flow", position.id, day, kind.value, coin.symbol),
        position_id=position.id,
        kind=kind,
        coin_id=coin.id,
        amount=raw,
        amount_usd=_coin_value(coin, raw, day),
        shares_delta=shares_delta,
        at=at,
        created_at=at,
    )
