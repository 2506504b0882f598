"""The sample's market: invented prices for 90 days, the same on every machine, and what pools' shares are worth."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache
from hashlib import sha256
from typing import Final

from attrs import frozen

from strongroom.domain.pricing.price import Price, PriceSource

from .reference_data import COINS, DAYS, END, SamplePool

START: Final = END - timedelta(days=DAYS)
_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
_CENT_MILLIONTHS: Final = Decimal("1e-8")


@frozen
class _RandomWalk:
    """A coin's price path: the first price, and the largest daily changes (fractions)."""

    first_usd: str
    with_market: str
    on_its_own: str
    trend: str


_ETHER: Final = _RandomWalk("3920", "0.034", "0", "0.0011")
_WALKS: Final = {
    "ETH": _ETHER,
    "WETH": _ETHER,
    "WBTC": _RandomWalk("112400", "0.021", "0.009", "0.0009"),
    "UNI": _RandomWalk("8.75", "0.036", "0.021", "0.0004"),
}
_STABLE_SWING: Final = Decimal("0.0008")


def day_start(day: int) -> datetime:
    """Return the time at which a day of the sample starts; day 0 is its first."""
    return START + timedelta(days=day)


@cache
def price_usd(symbol: str, day: int) -> Decimal:
    """Return what a whole coin costs in USD on a day, to 8 places."""
    walk = _WALKS.get(symbol)
    with localcontext(_CONTEXT):
        if walk is None:
            return (1 + _STABLE_SWING * _random_number(symbol, day)).quantize(_CENT_MILLIONTHS)
        if day == 0:
            return Decimal(walk.first_usd)
        change = Decimal(walk.trend) + Decimal(walk.with_market) * _random_number("market 23", day)
        change += Decimal(walk.on_its_own) * _random_number(symbol, day)
        return (price_usd(symbol, day - 1) * (1 + change)).quantize(_CENT_MILLIONTHS)


@cache
def share_price_usd(sample: SamplePool, day: int) -> Decimal:
    """Return what a whole share of a pool is worth in USD on a day.

    A vault's share is its coin, and what the vault has earned. A share of a constant-product pool goes with the
    geometric mean of its coins' prices (Uniswap v2 Core, section 2), and its fees.
    """
    with localcontext(_CONTEXT):
        earned = (1 + sample.yearly / 365) ** day
        prices = [price_usd(coin.symbol, day) for coin in sample.coins]
        mean = prices[0] if len(prices) == 1 else (prices[0] * prices[1]).sqrt()
        return (sample.first_worth * mean * earned).quantize(_CENT_MILLIONTHS)


def prices() -> list[Price]:
    """Return the sample's prices: one a day for every coin, at the day's start."""
    return [
        Price(
            coin_id=coin.id,
            at=day_start(day),
            source=PriceSource.COINGECKO,
            price_usd=price_usd(coin.symbol, day),
            confidence=Decimal("0.99"),
        )
        for coin in COINS.values()
        for day in range(DAYS + 1)
    ]


def _random_number(*words: object) -> Decimal:
    """Return a number from -1 to 1 that looks random and is always the same for the same words."""
    digest = sha256(":".join(map(str, words)).encode()).digest()
    return Decimal(int.from_bytes(digest[:4]) - 2**31) / 2**31
