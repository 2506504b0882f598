"""Recovery of the address that signed a digest, on the curve secp256k1 (SEC 1, 4.1.6; Yellow Paper, appendix F).

Everything here is public: signatures and digests. So the arithmetic needs no protection against timing. The libraries
that recover signatures bring a compiler or a dozen packages with them, for these forty lines.
"""

from typing import Final

from eth_hash.auto import keccak

_FIELD: Final = 2**256 - 2**32 - 977
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_Point = tuple[int, int]
_GENERATOR: Final[_Point] = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)


def recover_address(digest: bytes, r: int, s: int, *, is_odd: bool) -> str | None:
    """Return the address whose key signed a digest of 32 bytes, in lower case, as the precompile ecrecover does.

    ``is_odd`` is the parity of the point's y: v = 28, where it is 27 otherwise. None where there is no such address.
    """
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        return None
    square = (pow(r, 3, _FIELD) + 7) % _FIELD
    y = pow(square, (_FIELD + 1) // 4, _FIELD)
    if y * y % _FIELD != square:
        return None
    point = (r, y if bool(y & 1) == is_odd else _FIELD - y)
    inverse = pow(r, -1, _ORDER)
    scalar = -int.from_bytes(digest, "big") * inverse % _ORDER
    key = _add(_multiply(_GENERATOR, scalar), _multiply(point, s * inverse % _ORDER))
    return None if key is None else _address(key)


def _address(key: _Point) -> str:
    return "0x" + keccak(key[0].to_bytes(32, "big") + key[1].to_bytes(32, "big"))[-20:].hex()


def _add(left: _Point | None, right: _Point | None) -> _Point | None:
    """Return the sum of two points of the curve; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    if left[0] == right[0]:
        if (left[1] + right[1]) % _FIELD == 0:
            return None
        slope = 3 * left[0] * left[0] * pow(2 * left[1], -1, _FIELD) % _FIELD
    else:
        slope = (right[1] - left[1]) * pow(right[0] - left[0], -1, _FIELD) % _FIELD
    x = (slope * slope - left[0] - right[0]) % _FIELD
    return x, (slope * (left[0] - x) - left[1]) % _FIELD


def _multiply(point: _Point, scalar: int) -> _Point | None:
    result: _Point | None = None
    addend: _Point | None = point
    while scalar:
        if scalar & 1:
            result = _add(result, addend)
        addend = _add(addend, addend)
        scalar >>= 1
    return result
