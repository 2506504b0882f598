"""Goals against time: how far one has come, what it would take, and when it would be reached.

The model is that of a savings plan: what there is grows at a yearly rate, and a contribution is added at the end
of every month from now on. The formulas are the future value and payment of an ordinary annuity (FV, PMT and
RATE of OASIS OpenFormula), with a monthly factor of ``(1 + apy) ^ (1/12)`` and the last, incomplete month as a
fraction of its days.
"""

import calendar
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final

from ..errors import InvalidValue
from .goal import Goal

HORIZON_MONTHS: Final = 1200
"""A hundred years: no date beyond that is projected."""
MAX_APY: Final = Decimal(1000)
"""A yearly rate of 100 000 %: a goal that needs more is out of reach."""

_CONTEXT: Final = Context(prec=50)
_RATE_PLACES: Final = 12
_MAX_RATE: Final = Decimal(10) ** 12
_CENT: Final = Decimal("0.01")
_RATE_STEP: Final = Decimal(1).scaleb(-_RATE_PLACES)
_HALF_OF_LAST_PLACE: Final = Decimal("5e-19")


def progress(goal: Goal, value_usd: Decimal) -> Decimal:
    """Return how much of the way from start to target a value has come: a fraction in 0..1, rounded down.

    It is 1 exactly when the target is reached, and 0 at the start and below it. A goal that started at its
    target or above has the way from nothing to go.
    """
    if value_usd >= goal.target_usd:
        return Decimal(1)
    start = goal.start_usd if goal.start_usd < goal.target_usd else Decimal(0)
    way = _CONTEXT.divide(_CONTEXT.subtract(value_usd, start), _CONTEXT.subtract(goal.target_usd, start))
    return max(Decimal(0), way).quantize(_RATE_STEP, ROUND_FLOOR, context=_CONTEXT)


def future_value(value_usd: Decimal, monthly_usd: Decimal, apy: Decimal, *, on: date, until: date) -> Decimal:
    """Return what a value comes to by a day, in USD with 50 digits: at a yearly rate, with so much added every month.

    Contributions are added at the end of every whole month from ``on``. Raises InvalidValue for a rate of -1 or
    below, and ValueError for a day before ``on``.
    """
    factor = _monthly_factor(apy)
    months, rest = months_between(on, until)
    added = _CONTEXT.multiply(monthly_usd, _annuity(factor, months))
    kept = _CONTEXT.multiply(value_usd, _CONTEXT.power(factor, months))
    return _CONTEXT.multiply(_CONTEXT.add(kept, added), _CONTEXT.power(factor, rest))


def required_monthly_contribution(goal: Goal, value_usd: Decimal, apy: Decimal, *, on: date) -> Decimal | None:
    """Return the least contribution a month, in whole cents, that reaches the target by its date at a yearly rate.

    0 where none is needed. None where the date has come, or where it comes before a month is over. Raises
    InvalidValue for a rate that is not above -1 and below 10^12.
    """
    factor = _monthly_factor(apy)
    if value_usd >= goal.target_usd:
        return Decimal(0)
    if on >= goal.target_date:
        return None
    missing = _CONTEXT.subtract(
        goal.target_usd, future_value(value_usd, Decimal(0), apy, on=on, until=goal.target_date)
    )
    if missing <= _HALF_OF_LAST_PLACE:
        return Decimal(0)
    months, rest = months_between(on, goal.target_date)
    if months == 0:
        return None
    worth = _CONTEXT.multiply(_annuity(factor, months), _CONTEXT.power(factor, rest))
    exact = _CONTEXT.divide(_CONTEXT.subtract(missing, _HALF_OF_LAST_PLACE), worth)
    return exact.quantize(_CENT, ROUND_CEILING, context=_CONTEXT)


def required_apy(goal: Goal, value_usd: Decimal, *, on: date) -> Decimal | None:
    """Return the least yearly rate of 12 places that reaches the target by its date with the goal's contributions.

    0 where the contributions are enough. None where the date has come, and where MAX_APY is not enough.
    """
    if value_usd >= goal.target_usd:
        return Decimal(0)
    if on >= goal.target_date:
        return None

    def reached(steps: int) -> bool:
        apy = _CONTEXT.multiply(Decimal(steps), _RATE_STEP)
        value = future_value(value_usd, goal.monthly_contribution_usd, apy, on=on, until=goal.target_date)
        return _reaches(value, goal)

    low, high = 0, int(MAX_APY / _RATE_STEP)
    if reached(low):  # a value below zero needs no rate, and no rate may help it
        return Decimal(0)
    if not reached(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return _CONTEXT.multiply(Decimal(high), _RATE_STEP)


def projected_date(goal: Goal, value_usd: Decimal, apy: Decimal, *, on: date) -> date | None:
    """Return the first day at which the target is reached with the goal's contributions at a yearly rate.

    ``on`` itself, or the end of a month from then, whether before the goal's target date or after it. None
    where it is not reached within HORIZON_MONTHS. Raises InvalidValue for a rate that is not above -1 and below 10^12.
    """
    factor = _monthly_factor(apy)
    value = value_usd
    for months in range(HORIZON_MONTHS + 1):
        if _reaches(value, goal):
            return add_months(on, months)
        value = _CONTEXT.fma(value, factor, goal.monthly_contribution_usd)
    return None


def add_months(day: date, months: int) -> date | None:
    """Return the same day so many months later, the month's last where it is shorter; None beyond the year 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> tuple[int, Decimal]:
    """Return the whole months from one day to another, and the rest as a fraction of the month that it falls in.

    Raises ValueError when the end comes before the start.
    """
    if end < start:
        message = f"{end} is before {start}"
        raise ValueError(message)
    whole = (end.year - start.year) * 12 + end.month - start.month
    reached = add_months(start, whole)
    if reached is None or reached > end:
        whole -= 1
        reached = add_months(start, whole) or start
    following = add_months(start, whole + 1) or date.max
    return whole, _CONTEXT.divide(Decimal((end - reached).days), Decimal((following - reached).days or 1))


def _monthly_factor(apy: Decimal) -> Decimal:
    if not apy.is_finite() or not -1 < apy < _MAX_RATE:
        raise InvalidValue(None, field="apy", reason=f"{apy} is not a rate above -1 and below 10^12")
    return _CONTEXT.power(_CONTEXT.add(apy, Decimal(1)), _CONTEXT.divide(Decimal(1), Decimal(12)))


def _annuity(factor: Decimal, months: int) -> Decimal:
    """Return what contributions of 1 at the end of so many months come to: their number where nothing grows."""
    if factor == 1:
        return Decimal(months)
    growth = _CONTEXT.subtract(_CONTEXT.power(factor, months), Decimal(1))
    return _CONTEXT.divide(growth, _CONTEXT.subtract(factor, Decimal(1)))


def _reaches(value: Decimal, goal: Goal) -> bool:
    return _CONTEXT.add(value, _HALF_OF_LAST_PLACE) >= goal.target_usd
