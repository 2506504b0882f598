"""The table of users' addresses."""

from strongroom.domain.accounts.user_address import UserAddress
from strongroom.ports.repositories.user_address import UserAddressRepository

from .address_family import family_check
from .declaration import declare
from .table import OnDelete, Owner
from .user import USER

USER_ADDRESS = declare(
    UserAddress,
    "user_address",
    repository=UserAddressRepository,
    attribute="user_addresses",
    owner=Owner.FRONTEND,
    uniques=(("user_id", "family", "address", "kind"),),
    references={"user_id": (USER, OnDelete.CASCADE)},
    checks=(family_check("user_address"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
