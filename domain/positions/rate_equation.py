"""The equation of the money-weighted return, and all of its roots.

The unknown is the total log growth g from the first to the last flow, and time is a part of the whole span: the sum of
``amount * exp(-g * time)`` is 0. That makes the equation the same for flows an hour or thirty years apart.

Roots are told apart by the argument that proves Descartes' rule of signs for such sums (Pólya and Szegő, Problems and
Theorems in Analysis II, part V): where the flows change sign between two times, multiply by ``exp(g * time)`` for a
time between the two and differentiate. The derivative has one change of sign less, and between two roots of the sum
there is a root of it. So the roots of the last sum, without a change of sign, separate those of the one before, and so
on. Signs are found in floating point, and with 50 digits where that does not tell; roots are refined with 50 digits.
"""

import math
from collections.abc import Iterator, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from itertools import pairwise
from operator import mul
from typing import Final

from attrs import Factory, evolve, field, frozen

EXACT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
MAX_CHANGES: Final = 12
"""Of flows that change sign more often, roots are told apart by a scan: two within one step may both be missed."""
_REFINED: Final = Context(prec=42, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_MARGIN: Final = 1e-6
_NEAR: Final = 1e-6
"""So near to a root its Taylor series with MOMENTS terms gives it to 42 digits."""
_MAX_EXPONENT: Final = 300.0
_DOUBLE: Final = Decimal("1e-28")
_TOLERANCE: Final = Decimal("1e-40")
_MOMENTS: Final = 7
_ROUNDS: Final = 8
_BISECTIONS: Final = 400
_FIRST_STEP: Final = 1 / 64
_STEP_GROWTH: Final = 1.25
_LARGE_STEP: Final = 4.0
_GOLDEN: Final = 0.3819660112501051


@frozen(eq=False)
class RateEquation:
    """A sum of ``amount * exp(-g * time)`` in the order of time: no amount is 0, and times go from 0 to 1."""

    amounts: tuple[Decimal, ...]
    times: tuple[Decimal, ...]
    _instants: list[float] = field(init=False, default=Factory(lambda me: [float(time) for time in me.times], True))
    _floats: list[float] = field(init=False, default=Factory(lambda me: [float(each) for each in me.amounts], True))
    _known: dict[float, tuple[float, float]] = field(init=False, factory=dict)

    def roots(self) -> list[Decimal]:
        """Return all roots in ascending order, each once, to about 40 digits."""
        low, high = self._bounds()
        changes = [place for place, pair in enumerate(pairwise(self._floats)) if pair[0] * pair[1] < 0]
        with localcontext(_REFINED):
            if len(changes) > MAX_CHANGES:
                return self._roots_between([low, *self._scan(low, high), high], None)
            chain: list[RateEquation] = [self]
            for place in changes:
                chain.append(chain[-1].derivative((self.times[place] + self.times[place + 1]) / 2))
            separators: list[float] = []
            for level in range(len(changes) - 1, 0, -1):
                separators = [at for at, _ in chain[level].crossings([low, *separators, high])]
            return self._roots_between([low, *separators, high], chain[1] if len(chain) > 1 else None)

    def value(self, growth: float) -> tuple[float, float]:
        """Return the sum as a part of the sum of all sizes, from -1 to 1, and its slope alike, in floating point."""
        known = self._known.get(growth)
        if known is None:
            terms = self._terms(growth)
            whole = math.fsum(map(abs, terms))
            slope = -math.fsum(map(mul, terms, self._instants))
            known = self._known[growth] = (math.fsum(terms) / whole, slope / whole)
        return known

    def _terms(self, growth: float) -> list[float]:
        """Return the terms of the sum, all of them scaled alike where floats could not hold them."""
        if abs(growth) < _MAX_EXPONENT:
            return [
                amount * math.exp(-growth * time) for amount, time in zip(self._floats, self._instants, strict=True)
            ]
        known = zip(self._floats, self._instants, strict=True)
        sizes = [(math.log(abs(amount)) - growth * time if amount else -math.inf) for amount, time in known]
        largest = max(sizes)
        return [math.copysign(math.exp(size - largest), a) for size, a in zip(sizes, self._floats, strict=True)]

    def derivative(self, time: Decimal) -> "RateEquation":
        """Return the derivative of the sum times ``exp(g * time)``: it changes sign once less, there."""
        return evolve(self, amounts=tuple(a * (time - at) for a, at in zip(self.amounts, self.times, strict=True)))

    def _bounds(self) -> tuple[float, float]:
        """Return a range outside of which there is no root: there the first or the last flow outweighs all others."""
        sizes = [abs(amount) for amount in self.amounts]
        with localcontext(EXACT):
            above = (sum(sizes[1:]) / sizes[0]).ln()
            below = (sum(sizes[:-1]) / sizes[-1]).ln()
            high = above / self.times[1] if above > 0 else above
            low = -below / (1 - self.times[-2]) if below > 0 else -below
        return float(low) - _MARGIN * (1 + abs(float(low))), float(high) + _MARGIN * (1 + abs(float(high)))

    def _sign(self, growth: float) -> int:
        """Return the sign of the sum, 0 where it is so small that the two roots beside it are one."""
        value, _ = self.value(growth)
        if abs(value) > 1e-14 * (10 + abs(growth)):
            return 1 if value > 0 else -1
        moments, size = self._moments(Decimal(growth), 1)
        if abs(moments[0]) <= size * _DOUBLE:
            return 0
        return 1 if moments[0] > 0 else -1

    def crossings(self, points: Sequence[float]) -> Iterator[tuple[float, tuple[float, float]]]:
        """Yield the roots between neighbouring points with their brackets; a root at a point has one of no length."""
        points = sorted(set(points))
        signs = [self._sign(point) for point in points]
        for (low, before), (high, after) in pairwise(zip(points, signs, strict=True)):
            if before * after < 0:
                yield self._approach(low, high, before), (low, high)
            elif after == 0 and high != points[-1]:
                yield high, (high, high)

    def _roots_between(self, points: Sequence[float], slope: "RateEquation | None") -> list[Decimal]:
        roots = []
        for found, (low, high) in self.crossings(points):
            equation = slope if low == high and slope is not None else self
            roots.append(equation.refine(Decimal(found), Decimal(low), Decimal(high)))
        return roots

    def _approach(self, low: float, high: float, low_sign: int) -> float:
        """Return a point near the root in a bracket: Newton's steps while they stay inside and shrink, else bisection.

        See Press et al., Numerical Recipes, section 9.4, rtsafe.
        """
        guess, last = (low + high) / 2, high - low
        for _ in range(_BISECTIONS):
            value, slope = self.value(guess)
            low, high = (guess, high) if value * low_sign > 0 else (low, guess)
            step = -value / slope if slope else math.inf
            if not low < guess + step < high or 2 * abs(step) > abs(last):
                step = (low + high) / 2 - guess
            guess, last = guess + step, step
            if abs(step) <= _NEAR / 10:
                break
        return guess

    def _moments(self, growth: Decimal, count: int) -> tuple[list[Decimal], Decimal]:
        """Return the sums of ``amount * exp(-g * time) * time^k`` for each k below ``count``, and of all sizes."""
        terms = [a * (-growth * time).exp() for a, time in zip(self.amounts, self.times, strict=True)]
        size = sum((abs(term) for term in terms), Decimal(0))
        moments = [sum(terms, Decimal(0))]
        for _ in range(count - 1):
            terms = [term * time for term, time in zip(terms, self.times, strict=True)]
            moments.append(sum(terms, Decimal(0)))
        return moments, size

    def refine(self, guess: Decimal, low: Decimal, high: Decimal) -> Decimal:
        """Return the root near a guess: Newton's steps on the Taylor series, which needs the exponentials only once."""
        for _ in range(_ROUNDS):
            moments, _size = self._moments(guess, _MOMENTS)
            series = [moment / math.factorial(k) * (-1) ** k for k, moment in enumerate(moments)]
            step = _series_root(series)
            if step is None or not (low <= guess + step <= high or low == high):
                return self._halve(low, high)
            guess += step
            if abs(step) <= _NEAR:
                return guess
        return guess

    def _halve(self, low: Decimal, high: Decimal) -> Decimal:
        """Return the root in a bracket by bisection alone, which always ends."""
        positive = self._moments(low, 1)[0][0] > 0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            if high - low <= _TOLERANCE * max(Decimal(1), abs(middle)):
                break
            if (self._moments(middle, 1)[0][0] > 0) == positive:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def _scan(self, low: float, high: float) -> Iterator[float]:
        """Yield points outwards from 0 in growing steps, and where the sum comes nearest to 0 between."""
        points, step = [min(max(0.0, low), high)], _FIRST_STEP
        while points[0] > low or points[-1] < high:
            points = [max(points[0] - step, low), *points, min(points[-1] + step, high)]
            step *= _STEP_GROWTH if step < _LARGE_STEP else 2
        points = sorted(set(points))
        values = [self.value(point)[0] for point in points]
        yield from points
        for place in range(1, len(points) - 1):
            before, here, after = values[place - 1 : place + 2]
            if before * here > 0 < here * after and abs(before) > abs(here) < abs(after):
                yield self._nearest_to_zero(points[place - 1], points[place + 1])

    def _nearest_to_zero(self, low: float, high: float) -> float:
        for _ in range(_MOMENTS * 4):
            left, right = low + _GOLDEN * (high - low), high - _GOLDEN * (high - low)
            at_left, at_right = self.value(left)[0], self.value(right)[0]
            if at_left * at_right <= 0:
                return left
            low, high = (low, right) if abs(at_left) < abs(at_right) else (left, high)
        return (low + high) / 2


def _series_root(series: Sequence[Decimal]) -> Decimal | None:
    """Return the root of a power series next to 0, or None where Newton's steps do not settle."""
    step = Decimal(0)
    for _ in range(60):
        value = slope = Decimal(0)
        for coefficient in reversed(series):
            slope = slope * step + value
            value = value * step + coefficient
        if not slope:
            return None
        change = -value / slope
        step += change
        if abs(change) <= Decimal("1e-45"):
            return step
    return None
