"""The money-weighted return (XIRR): the yearly rate at which the investor's own cash flows balance."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Overflow, localcontext
from typing import Final

from attrs import frozen

from .cash_flow import CashFlow, net_cash_flows
from .errors import ReturnUndefined
from .rate_equation import EXACT, RateEquation

YEAR: Final = timedelta(days=365)
FIRST_GUESS: Final = 0.1
"""The yearly rate from which the spreadsheet function starts (OASIS OpenFormula, XIRR)."""
_MICROSECOND: Final = timedelta(microseconds=1)
_STATED_CONTEXT: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)
_NEWTON_ROUNDS: Final = 100
_SAME_RATE: Final = 1e-6


@frozen
class MoneyWeightedReturn:
    """The rate to state, a year (0.05 is 5 %), and all rates that balance the flows in ascending order."""

    rate: Decimal
    all_rates: tuple[Decimal, ...]

    @property
    def note(self) -> str | None:
        """What to tell a reader if the flows have several rates: "several rates: …"; else None."""
        if len(self.all_rates) == 1:
            return None
        return f"several rates: {', '.join(f'{each:.4%}' for each in self.all_rates)}"


def money_weighted_return(flows: Iterable[CashFlow]) -> Decimal:
    """Return the yearly rate at which the cash flows' net present value is 0: see ``money_weighted_rates``.

    Raises ReturnUndefined as that does.
    """
    return money_weighted_rates(flows).rate


def money_weighted_rates(flows: Iterable[CashFlow]) -> MoneyWeightedReturn:
    """Return the yearly rates at which the cash flows' net present value is 0, actual/365: 0.05 is 5 % a year.

    The equation is that of the spreadsheet function XIRR (OASIS OpenFormula), with the time between flows to
    the microsecond instead of whole days; what the holding is worth at the end goes in as a last, received
    cash flow. Rates are above -1, computed with 50 digits and returned with 28 (which is -1 where nothing is left).

    There is exactly one rate where all payments come before all receipts, and at most one above 0 where the
    running sum of the flows changes sign once (Norstrøm, 1972). Otherwise there may be several, at most one for each
    change of sign of the flows. ``rate`` is the one that spreadsheets return then: the one that Newton's method reaches
    from 10 %, or the nearest to 10 % where it reaches none. Of flows that change sign more than MAX_CHANGES times two
    rates that lie close together may both be missed.

    Raises ReturnUndefined when money was not both paid in and received, when no rate balances the flows, and for a
    rate of more than a million digits (a large gain within moments).
    """
    cash = net_cash_flows(flows)
    if len({flow.amount_usd > 0 for flow in cash}) < 2:
        raise ReturnUndefined(reason="money has to be both paid in and received")
    span = cash[-1].at - cash[0].at
    roots = _equation(cash).roots()
    if not roots:
        raise ReturnUndefined(reason="no rate balances the cash flows")
    with localcontext(EXACT):
        years = _years(span)
        meant = roots[0] if len(roots) == 1 else _choose(cash, roots, years)
        try:
            rates = [_STATED_CONTEXT.plus((growth / years).exp() - 1) for growth in roots]
        except Overflow:
            raise ReturnUndefined(reason=f"the rate per year is too large to be stated for {span}") from None
    return MoneyWeightedReturn(rates[roots.index(meant)], tuple(rates))


def net_present_value(flows: Iterable[CashFlow], rate: Decimal) -> Decimal:
    """Return the value of the cash flows at the time of the first, at a yearly rate above -1, actual/365.

    In USD, with 50 digits; 0 for no flows. The equation is that of XNPV (OASIS OpenFormula), to the microsecond.
    Raises ReturnUndefined for a rate of -1 or below.
    """
    if rate <= -1:
        raise ReturnUndefined(reason=f"nothing is left to discount at a rate of {rate}")
    cash = net_cash_flows(flows)
    with localcontext(EXACT):
        growth = (1 + rate).ln()
        values = (flow.amount_usd * (-growth * _years(flow.at - cash[0].at)).exp() for flow in cash)
        return sum(values, Decimal(0))


def _years(span: timedelta) -> Decimal:
    return Decimal(span // _MICROSECOND) / (YEAR // _MICROSECOND)


def _equation(cash: Sequence[CashFlow]) -> RateEquation:
    start = cash[0].at
    span = (cash[-1].at - start) // _MICROSECOND
    with localcontext(EXACT):
        times = tuple(Decimal((flow.at - start) // _MICROSECOND) / span for flow in cash)
    return RateEquation(tuple(flow.amount_usd for flow in cash), times)


def _choose(cash: Sequence[CashFlow], roots: Sequence[Decimal], years: Decimal) -> Decimal:
    """Return the root that Newton's method reaches from FIRST_GUESS, else the one that is nearest to it."""
    reached = _newton(cash)
    rates = {root: float((root / years).exp() - 1) for root in roots if root / years < 700}
    for root, rate in rates.items():
        if reached is not None and abs(reached - rate) <= _SAME_RATE * (1 + abs(rate)):
            return root
    return min(rates or roots, key=lambda root: abs(rates.get(root, 0) - FIRST_GUESS))


def _newton(cash: Sequence[CashFlow]) -> float | None:
    """Return where Newton's method on the rate ends from FIRST_GUESS, in floating point; None where it leaves."""
    start, rate = cash[0].at, FIRST_GUESS
    terms = [(float(flow.amount_usd), float(_years(flow.at - start))) for flow in cash]
    for _ in range(_NEWTON_ROUNDS):
        try:
            present = [(amount * (1 + rate) ** -years, years) for amount, years in terms]
            slope = -sum(value * years for value, years in present) / (1 + rate)
            step = sum(value for value, _ in present) / slope
        except (ArithmeticError, ValueError):
            return None
        rate -= step
        if not rate > -1:
            return None
        if abs(step) < 1e-10:
            return float(rate)
    return None
