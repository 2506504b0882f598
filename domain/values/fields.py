"""The types of entity fields: what a field holds is said once, in its annotation, and checked on construction."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin
from uuid import UUID

import attrs

from ..errors import InvalidValue
from .field_types import (
    AnyAddress,
    Base58,
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FieldType,
    FixedPoint,
    Hex,
    Integer,
    JsonObject,
    Text,
    Timestamp,
    Uuid,
)

MAX_UINT256: Final = 2**256 - 1

Int16 = Annotated[int, Integer(-(2**15), 2**15 - 1, 16)]
Int32 = Annotated[int, Integer(-(2**31), 2**31 - 1, 32)]
Int64 = Annotated[int, Integer(-(2**63), 2**63 - 1, 64)]
Count16 = Annotated[int, Integer(0, 2**15 - 1, 16)]
"""A 16-bit whole number from 0."""
Count32 = Annotated[int, Integer(0, 2**31 - 1, 32)]
"""A 32-bit whole number from 0: positions in a list, versions."""
Count64 = Annotated[int, Integer(0, 2**63 - 1, 64)]
"""A 64-bit whole number from 0: block numbers, nonces."""
PositiveCount32 = Annotated[int, Integer(1, 2**31 - 1, 32)]
"""A 32-bit whole number from 1: thresholds, periods."""
BasisPoints = Annotated[int, Integer(0, 10_000, 32)]
"""A share in basis points: 10 000 is the whole."""
PositiveBasisPoints = Annotated[int, Integer(1, 10_000, 32)]
FeePips = Annotated[int, Integer(0, 999_999, 32)]
"""A fee of Uniswap v3, in hundredths of a basis point: less than the whole of 1 000 000."""
FeeWad = Annotated[int, Integer(0, 5 * 10**17, 64)]
"""A fee of a Morpho vault as a fraction of 10**18: at most one half, ConstantsLib.MAX_FEE."""
Tick = Annotated[int, Integer(-887_272, 887_272, 32)]
"""A tick of Uniswap v3, within TickMath's MIN_TICK and MAX_TICK."""
CoinDecimals = Annotated[int, Integer(0, 255, 32)]
"""The decimals of a coin: ERC-20's uint8."""
Uint256 = Annotated[int, Integer(0, MAX_UINT256, 256)]
"""A raw on-chain amount, in the token's smallest unit (or wei)."""
Uint160 = Annotated[int, Integer(0, 2**160 - 1, 256)]
"""A square-root price of Uniswap v3 (Q64.96)."""
Uint128 = Annotated[int, Integer(0, 2**128 - 1, 256)]
"""A liquidity of Uniswap v3, or tokens it owes."""
Uint112 = Annotated[int, Integer(0, 2**112 - 1, 256)]
"""A reserve of a Uniswap v2 pair."""
PositiveUint256 = Annotated[int, Integer(1, MAX_UINT256, 256)]
SignedAmount = Annotated[int, Integer(-MAX_UINT256, MAX_UINT256, 256)]
"""A signed change of a raw amount."""
NonZeroAmount = Annotated[int, Integer(-MAX_UINT256, MAX_UINT256, 256, nonzero=True)]
"""A signed change that does change something."""

Usd = Annotated[Decimal, FixedPoint(38, 18)]
"""US dollars, to 18 places."""
NonNegativeUsd = Annotated[Decimal, FixedPoint(38, 18, low=Decimal(0))]
PositiveUsd = Annotated[Decimal, FixedPoint(38, 18, above=Decimal(0))]
Rate = Annotated[Decimal, FixedPoint(24, 12)]
"""A fraction, to 12 places: 0.05 is 5 %."""
NonNegativeDecimal = Annotated[Decimal, FixedPoint(38, 18, low=Decimal(0))]
"""A quantity that is not money, to 18 places: a supply in whole tokens."""

EvmAddress = Annotated[str, Hex(20, address=True)]
"""An EVM address, stored in lower case; mixed case must carry a correct EIP-55 checksum."""
ChainAddress = Annotated[str, AnyAddress()]
"""An address of either family: EVM in lower case, or Solana base58."""
Hash32 = Annotated[str, Hex(32)]
"""A 32-byte hash: ``0x`` and 64 lower-case hex digits."""
Selector = Annotated[str, Hex(4)]
"""The first four bytes of a call's data, which name the function: ``0x`` and 8 lower-case hex digits."""
SolanaAddress = Annotated[str, Base58(32)]
SolanaSignature = Annotated[str, Base58(64)]
"""The signature that names a Solana transaction."""
MessageBody = Annotated[str, Text(1, 10_000)]
Json = Annotated[dict[str, Any], JsonObject()]

_TYPES_BY_CLASS: Final[dict[object, FieldType]] = {
    str: Text(),
    bool: Boolean(),
    bytes: Bytes(),
    UUID: Uuid(),
    datetime: Timestamp(),
    date: Date(),
}


def field_type_of(annotation: object) -> tuple[FieldType, bool]:
    """Return the kind of an annotation and whether None is allowed. Raises TypeError for one that has no kind."""
    return _find_field_type(annotation)


@cache
def _find_field_type(annotation: Any) -> tuple[FieldType, bool]:
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not NoneType]
        if len(inner) == 1:
            return field_type_of(inner[0])[0], True
    if get_origin(annotation) is Annotated:
        return get_args(annotation)[1], False
    if annotation in _TYPES_BY_CLASS:
        return _TYPES_BY_CLASS[annotation], False
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return EnumMember(annotation), False
    message = f"no kind of field is known for the annotation {annotation!r}"
    raise TypeError(message)


def checked(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Give every attrs field the converter and the validator of its annotation's kind.

    For ``attrs.frozen(field_transformer=checked)``. A field's own converter or validator is kept. The
    validator raises InvalidValue naming the entity and the field.
    """
    return [
        field.evolve(
            converter=field.converter or field_type_of(field.type)[0].clean,
            validator=field.validator or _validator(cls.__name__, *field_type_of(field.type)),
        )
        for field in fields
    ]


def _validator(entity: str, kind: FieldType, optional: bool) -> Any:  # noqa: FBT001 - as change_kind gives it
    def validate(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is None and optional:
            return
        problem = kind.validate(value)
        if problem:
            raise InvalidValue(entity, field=attribute.name, reason=problem)

    return validate
