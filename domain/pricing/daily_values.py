"""What coins cost day by day: open, high, low, close, and the average over time.

This is the one definition of ``token_daily_values_mv``: the view has to give what this function gives.

- A day is a UTC day, from 00:00 until just before the next. A price belongs to the day of its time.
- At one time one price counts, that of the first source in SOURCE_PREFERENCE: a sample. The prices of other
  sources at that time count nowhere, not in the high and low either.
- ``open`` and ``close`` are the first and last sample of the day, ``high`` and ``low`` the extremes of its samples.
- ``average`` weights each sample with the microseconds from its time until the next sample of the day, the
  last until the day's end. What came before the first sample is not known, and weighs nothing. The exact
  quotient is rounded once, to 18 places, half away from zero.
- A day without a price has no row. A price of 0 is a price.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final
from uuid import UUID

from ..errors import InvalidValue
from ..values import usd
from ..values.field_types import DECIMAL_CONTEXT
from ..values.instants import as_utc
from .as_of import SOURCE_PREFERENCE
from .price import Price
from .token_daily_value import TokenDailyValue

_SOURCE_RANK: Final = {source: rank for rank, source in enumerate(SOURCE_PREFERENCE)}
_MICROSECOND: Final = timedelta(microseconds=1)


def daily_values(prices: Iterable[Price]) -> list[TokenDailyValue]:
    """Return the daily values of every coin and day that has a price, by coin and day; see the module.

    In USD, as the prices are stored, to 18 places. The order of the prices does not matter.
    """
    days: defaultdict[tuple[UUID, date], dict[datetime, Price]] = defaultdict(dict)
    for price in prices:
        samples = days[price.coin_id, price.at.date()]
        known = samples.get(price.at)
        if known is None or _SOURCE_RANK[price.source] < _SOURCE_RANK[known.source]:
            samples[price.at] = price
    return [_daily_value(coin_id, day, days[coin_id, day]) for coin_id, day in sorted(days)]


def time_weighted_average(samples: Iterable[tuple[datetime, Decimal]], until: datetime) -> Decimal:
    """Return the average of values over the time from the first to ``until``, each weighted until the next.

    The samples are in order of time, all before ``until``. To 18 places, rounded once, half away from zero.
    Raises InvalidValue for no samples, and where they span no time.
    """
    points = [(as_utc(at), value) for at, value in (*samples, (until, Decimal(0)))]
    weighted = whole = Decimal(0)
    for (at, value), (following, _) in pairwise(points):
        weight = Decimal((following - at) // _MICROSECOND)
        weighted = DECIMAL_CONTEXT.fma(value, weight, weighted)
        whole += weight
    if not whole:
        raise InvalidValue(None, reason=f"there is no average over no time, until {until.isoformat()}")
    return usd.rounded(DECIMAL_CONTEXT.divide(weighted, whole))


def _daily_value(coin_id: UUID, day: date, samples: dict[datetime, Price]) -> TokenDailyValue:
    points = [(at, usd.rounded(samples[at].price_usd)) for at in sorted(samples)]
    values = [value for _, value in points]
    return TokenDailyValue(
        coin_id=coin_id,
        day=day,
        open=values[0],
        high=max(values),
        low=min(values),
        close=values[-1],
        average=time_weighted_average(points, _start_of_day(day + timedelta(days=1))),
        samples=len(values),
    )


def _start_of_day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
