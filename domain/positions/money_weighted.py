"""The money-weighted return (XIRR): the yearly rate at which the investor's own cash flows balance."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, Overflow, localcontext
from typing import Final

from attrs import frozen

from .cash_flow import CashFlow, net_cash_flows
from .errors import ReturnUndefined

YEAR: Final = timedelta(days=365)
_MICROSECOND: Final = timedelta(microseconds=1)
_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_STATED_CONTEXT: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)
_FIRST_STEP: Final = Decimal(1) / 64
_STEP_GROWTH: Final = Decimal("1.25")
_MARGIN: Final = Decimal("0.000001")
_TOLERANCE: Final = Decimal("1e-40")
_NEWTON_ROUNDS: Final = 100
_MAX_ROUNDS: Final = 400


def money_weighted_return(flows: Iterable[CashFlow]) -> Decimal:
    """Return the yearly rate at which the cash flows' net present value is 0, actual/365: 0.05 is 5 % a year.

    The equation is that of the spreadsheet function XIRR (OASIS OpenFormula), with the time between flows to
    the microsecond instead of whole days; what the holding is worth at the end goes in as a last, received
    cash flow. The rate is above -1, computed with 50 digits and returned with 28 (which is -1 where nothing is left).

    There is exactly one rate where all payments come before all receipts, and at most one above 0 where the
    running sum of the flows changes sign once (Norstrøm, 1972). Otherwise there may be several: the one of the
    smallest total growth or decline over the whole time is returned, as far as a scan in steps that grow by a
    quarter tells it from the others; two that lie within one step may both be missed.

    Raises ReturnUndefined when money was not both paid in and received, when no rate was found that balances
    the flows, and for a rate of more than a million digits (a large gain within moments).
    """
    cash = net_cash_flows(flows)
    if len({flow.amount_usd > 0 for flow in cash}) < 2:
        raise ReturnUndefined(reason="money has to be both paid in and received")
    span = cash[-1].at - cash[0].at
    with localcontext(_CONTEXT):
        growth = _solve(_Balance.of(cash))
        try:
            return _STATED_CONTEXT.plus((growth / _years(span)).exp() - 1)
        except Overflow:
            raise ReturnUndefined(reason=f"the rate per year is too large to be stated for {span}") from None


def net_present_value(flows: Iterable[CashFlow], rate: Decimal) -> Decimal:
    """Return the value of the cash flows at the time of the first, at a yearly rate above -1, actual/365.

    In USD, with 50 digits; 0 for no flows. The equation is that of XNPV (OASIS OpenFormula), to the microsecond.
    Raises ReturnUndefined for a rate of -1 or below.
    """
    if rate <= -1:
        raise ReturnUndefined(reason=f"nothing is left to discount at a rate of {rate}")
    cash = net_cash_flows(flows)
    with localcontext(_CONTEXT):
        growth = (1 + rate).ln()
        values = (flow.amount_usd * (-growth * _years(flow.at - cash[0].at)).exp() for flow in cash)
        return sum(values, Decimal(0))


def _years(span: timedelta) -> Decimal:
    return Decimal(span // _MICROSECOND) / (YEAR // _MICROSECOND)


@frozen
class _Balance:
    """The present value of cash flows as a function of the total log growth from the first to the last.

    That unknown, and time as a part of the whole span, make the equation the same for flows an hour or thirty
    years apart; its exponentials know no smallest rate as 1 + rate does.
    """

    amounts: tuple[Decimal, ...]
    times: tuple[Decimal, ...]

    @classmethod
    def of(cls, cash: Sequence[CashFlow]) -> "_Balance":
        start: datetime = cash[0].at
        span = (cash[-1].at - start) // _MICROSECOND
        times = tuple(Decimal((flow.at - start) // _MICROSECOND) / span for flow in cash)
        return cls(tuple(flow.amount_usd for flow in cash), times)

    def at(self, growth: Decimal) -> tuple[Decimal, Decimal]:
        """Return the value and its slope."""
        value = slope = Decimal(0)
        for amount, time in zip(self.amounts, self.times, strict=True):
            present = amount * (-growth * time).exp()
            value += present
            slope -= present * time
        return value, slope

    def is_positive(self, growth: Decimal) -> bool:
        return self.at(growth)[0] > 0

    def bounds(self) -> tuple[Decimal, Decimal]:
        """Return a range outside of which there is no root: there the first or the last flow outweighs all others."""
        sizes = [abs(amount) for amount in self.amounts]
        above = (sum(sizes[1:]) / sizes[0]).ln()
        below = (sum(sizes[:-1]) / sizes[-1]).ln()
        high = above / self.times[1] if above > 0 else above
        low = -below / (1 - self.times[-2]) if below > 0 else -below
        return low - _MARGIN, high + _MARGIN


def _solve(balance: _Balance) -> Decimal:
    """Return the root nearest to 0, scanning outwards from there for a change of sign."""
    low, high = balance.bounds()
    down = up = min(max(Decimal(0), low), high)
    down_positive = up_positive = balance.is_positive(up)
    step = _FIRST_STEP
    while low < down or up < high:
        if up < high:
            last, up = up, min(up + step, high)
            if balance.is_positive(up) != up_positive:
                return _root(balance, last, up)
        if low < down:
            last, down = down, max(down - step, low)
            if balance.is_positive(down) != down_positive:
                return _root(balance, down, last)
        step *= _STEP_GROWTH
    raise ReturnUndefined(reason="no rate was found that balances the cash flows")


def _root(balance: _Balance, low: Decimal, high: Decimal) -> Decimal:
    """Return the root between two points of different sign.

    Newton's steps while they stay inside and shrink by half, else bisection (Press et al., Numerical Recipes,
    section 9.4, rtsafe); bisection alone after many rounds, so that it always ends.
    """
    low_positive = balance.is_positive(low)
    guess = (low + high) / 2
    last_step = high - low
    for rounds in range(_MAX_ROUNDS):
        value, slope = balance.at(guess)
        if (value > 0) == low_positive:
            low = guess
        else:
            high = guess
        step = -value / slope if slope else last_step
        if rounds > _NEWTON_ROUNDS or not low <= guess + step <= high or 2 * abs(step) > abs(last_step):
            step = (low + high) / 2 - guess
        guess += step
        if abs(step) <= _TOLERANCE * max(Decimal(1), abs(guess)):
            break
        last_step = step
    return guess
