"""Amounts of tokens: whole numbers of raw units, and how many of them make one whole token."""

import re
from decimal import Decimal
from functools import total_ordering
from typing import Final

from attrs import frozen

from ..errors import DomainError, InvalidValue
from . import usd
from .field_types import DECIMAL_CONTEXT
from .fields import CoinDecimals, SignedAmount, checked

_DECIMAL_TEXT: Final = re.compile(r"(-?)([0-9]{1,78})(?:\.([0-9]{1,255}))?")


class DecimalsDiffer(DomainError):
    """Two amounts count in different raw units: they can be neither added nor compared."""

    def __init__(self, left: int, right: int) -> None:
        self.left = left
        self.right = right
        super().__init__(f"amounts of {left} and of {right} decimals do not go together")


@total_ordering
@frozen(field_transformer=checked)
class TokenAmount:
    """An amount of a token: ``raw`` units, signed, of which ``10 ** decimals`` make one whole token.

    Raises InvalidValue beyond ±(2^256-1) raw units and 0..255 decimals; so do sums and differences.
    """

    raw: SignedAmount
    decimals: CoinDecimals

    @classmethod
    def parse(cls, text: str, decimals: int) -> "TokenAmount":
        """Return the amount that a plain decimal number writes in whole tokens: ``1.5``, ``-0.25``, ``1000``.

        Raises InvalidValue for any other text, and for a number that is no whole number of raw units: zeros
        beyond the token's decimals are taken, other digits there are not rounded away.
        """
        written = _DECIMAL_TEXT.fullmatch(text)
        if not written:
            raise InvalidValue("TokenAmount", field="raw", reason=f"{text[:100]!r} is not a plain decimal number")
        sign, whole, places = written[1], written[2], written[3] or ""
        if places[decimals:].strip("0"):
            reason = f"{text} has more than the token's {decimals} decimals"
            raise InvalidValue("TokenAmount", field="raw", reason=reason)
        return cls(int(sign + whole + places[:decimals].ljust(decimals, "0")), decimals)

    def to_decimal(self) -> Decimal:
        """Return the amount in whole tokens, exactly."""
        return Decimal(self.raw).scaleb(-self.decimals, DECIMAL_CONTEXT)

    def value_at(self, price_usd: Decimal) -> Decimal:
        """Return what the amount is worth at so many USD a whole token: USD to 18 places, half away from zero."""
        return usd.multiply(self.to_decimal(), price_usd)

    def __add__(self, other: "TokenAmount") -> "TokenAmount":
        """Return the sum. Raises DecimalsDiffer, and InvalidValue beyond 2^256-1."""
        self._require_same_decimals(other)
        return TokenAmount(self.raw + other.raw, self.decimals)

    def __sub__(self, other: "TokenAmount") -> "TokenAmount":
        """Return the difference, which may be negative. Raises DecimalsDiffer, and InvalidValue beyond 2^256-1."""
        self._require_same_decimals(other)
        return TokenAmount(self.raw - other.raw, self.decimals)

    def __lt__(self, other: "TokenAmount") -> bool:
        """Say whether this is the smaller amount. Raises DecimalsDiffer."""
        self._require_same_decimals(other)
        return self.raw < other.raw

    def __str__(self) -> str:
        """Write the amount in whole tokens, without an exponent and without trailing zeros."""
        digits = str(abs(self.raw)).rjust(self.decimals + 1, "0")
        whole, places = digits[: len(digits) - self.decimals], digits[len(digits) - self.decimals :].rstrip("0")
        return f"{'-' if self.raw < 0 else ''}{whole}{'.' if places else ''}{places}"

    def _require_same_decimals(self, other: "TokenAmount") -> None:
        if self.decimals != other.decimals:
            raise DecimalsDiffer(self.decimals, other.decimals)
