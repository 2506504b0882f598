"""The rule that an account's address is written as its family of chains writes addresses."""

from ..errors import InvalidValue
from ..values.address import ChainFamily, family_of


def require_family(entity: str, family: ChainFamily, address: str) -> None:
    """Raise InvalidValue, naming the entity and its field ``address``, when the address is of another family."""
    if family_of(address) is not family:
        reason = f"{address!r} is not an address of the family {family.value}"
        raise InvalidValue(entity, field="address", reason=reason)
