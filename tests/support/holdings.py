"""Positions, flows, valuations, prices and balance changes for the tests of the domain's rules."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_flow import FlowKind, PositionFlow
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
USER: Final = UUID(int=1)
POOL: Final = UUID(int=2)
POSITION: Final = UUID(int=3)
COIN: Final = UUID(int=4)
PROTOCOL: Final = UUID(int=5)
BLOCK_HASH: Final = "0x" + "b" * 64

usd_amounts = st.decimals(min_value=0, max_value=10**9, places=18)


def day(days: float) -> datetime:
    """Return the time so many days after the start."""
    return START + timedelta(days=days)


def a_position(**fields: Any) -> Position:
    """Return an open position without shares, with these fields changed."""
    known: dict[str, Any] = {
        "id": POSITION,
        "user_id": USER,
        "wallet_id": UUID(int=9),
        "pool_id": POOL,
        "opened_at": START,
        "created_at": START,
        "updated_at": START,
    }
    return Position(**known | fields)


def a_flow(kind: FlowKind, shares_delta: int, amount_usd: Decimal | str | int, **fields: Any) -> PositionFlow:
    """Return a flow into the position at the start, with these fields changed."""
    known: dict[str, Any] = {
        "id": UUID(int=100),
        "position_id": POSITION,
        "coin_id": COIN,
        "amount": 1,
        "at": START,
        "created_at": START,
    }
    given = {"kind": kind, "shares_delta": shares_delta, "amount_usd": Decimal(amount_usd)}
    return PositionFlow(**known | given | fields)


def deposit(shares: int, amount_usd: Decimal | str | int, **fields: Any) -> PositionFlow:
    """Return a deposit that brings shares."""
    return a_flow(FlowKind.DEPOSIT, shares, amount_usd, **fields)


def withdrawal(shares: int, amount_usd: Decimal | str | int, **fields: Any) -> PositionFlow:
    """Return a withdrawal that takes shares."""
    return a_flow(FlowKind.WITHDRAWAL, -shares, amount_usd, **fields)


def fee(shares: int, amount_usd: Decimal | str | int, **fields: Any) -> PositionFlow:
    """Return a fee that takes shares, or was paid on top when it takes none."""
    return a_flow(FlowKind.FEE, -shares, amount_usd, **fields)


def rebase(shares: int, **fields: Any) -> PositionFlow:
    """Return a change of the shares that nobody paid for."""
    return a_flow(FlowKind.REBASE, shares, 0, **fields)


def valuation(at: datetime, value_usd: Decimal | str | int, shares: int = 1, **fields: Any) -> PositionValuation:
    """Return a valuation of the position."""
    known: dict[str, Any] = {"position_id": POSITION, "source": ValuationSource.ONCHAIN}
    return PositionValuation(**known | {"at": at, "value_usd": Decimal(value_usd), "shares": shares} | fields)


def price(at: datetime, price_usd: Decimal | str | int, **fields: Any) -> Price:
    """Return a price of the coin."""
    known: dict[str, Any] = {"coin_id": COIN, "source": PriceSource.COINGECKO}
    return Price(**known | {"at": at, "price_usd": Decimal(price_usd)} | fields)


def balance_change(address: str, delta: int, **fields: Any) -> BalanceChange:
    """Return a change of an address's balance of the coin."""
    known: dict[str, Any] = {
        "chain_id": 1,
        "transaction_hash": "0x" + "a" * 64,
        "source": BalanceSource.LOG,
        "position": 0,
        "block_number": 1,
        "block_hash": BLOCK_HASH,
        "coin_id": COIN,
        "kind": BalanceChangeKind.TRANSFER,
        "at": START,
    }
    return BalanceChange(**known | {"address": address, "delta": delta} | fields)


@st.composite
def life_of_a_position(draw: st.DrawFn, *, closing: bool = False) -> list[PositionFlow]:
    """Draw flows that a position takes one after the other, an hour apart; ``closing``: the last takes all shares."""
    held = draw(st.integers(1, 2**200))
    flows = [deposit(held, draw(usd_amounts), id=UUID(int=1000))]
    for number in range(1, draw(st.integers(1, 12))):
        kind = draw(st.sampled_from(FlowKind))
        if kind is FlowKind.REBASE:
            delta = draw(st.integers(-held + 1, 2**200).filter(bool))
        else:
            delta = draw(st.integers(0, 2**200)) if kind is FlowKind.DEPOSIT else -draw(st.integers(0, held - 1))
        held += delta
        flows.append(a_flow(kind, delta, draw(usd_amounts), at=day(number / 24), id=UUID(int=1000 + number)))
    if closing:
        flows.append(withdrawal(held, draw(usd_amounts), at=day(1), id=UUID(int=2000)))
    return flows
