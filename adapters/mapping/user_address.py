"""The table of users' addresses."""

from strongroom.domain.accounts.user_address import UserAddress

from .address_family import family_check
from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

USER_ADDRESS = declare(
    UserAddress,
    "user_address",
    repository="user_addresses",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(("user_id", "family", "address", "kind"),),
    foreign_keys=(foreign_key("user_address", "user_id", "user", OnDelete.CASCADE),),
    checks=(family_check("user_address"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
