"""The table of users' addresses."""

from strongroom.domain.accounts.user_address import UserAddress
from strongroom.domain.values.address import ChainFamily

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _family_fits_address(known: UserAddress) -> bool:
    return (known.family is ChainFamily.EVM) == known.address.startswith("0x")


USER_ADDRESS = declare(
    UserAddress,
    "user_address",
    repository="user_addresses",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(("user_id", "family", "address", "kind"),),
    foreign_keys=(foreign_key("user_address", "user_id", "user", OnDelete.CASCADE),),
    checks=(Check("user_address_family_check", "(family = 'evm') = (address LIKE '0x%')", _family_fits_address),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
