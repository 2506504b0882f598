"""The addresses that users keep: watched ones, and those they send to or receive from."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.address import ChainFamily
from ..values.fields import ChainAddress, checked
from .address_family import require_family


class AddressKind(Enum):
    """What a user keeps an address for."""

    WATCH = "watch"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CONTACT = "contact"


@frozen(kw_only=True, field_transformer=checked)
class UserAddress:
    """An address in a user's address book; its key need not be the user's.

    Raises InvalidValue when the address is not one of the family.
    """

    id: UUID
    user_id: UUID
    family: ChainFamily
    address: ChainAddress
    label: str | None = None
    kind: AddressKind = AddressKind.WATCH
    verified_at: datetime | None = None
    created_at: datetime

    def __attrs_post_init__(self) -> None:
        require_family("UserAddress", self.family, self.address)
