"""The wallets that users connect."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.address import ChainFamily
from ..values.fields import ChainAddress, checked
from .address_family import require_family


@frozen(kw_only=True, field_transformer=checked)
class Wallet:
    """A wallet that a user connected: an address whose key the user holds.

    Raises InvalidValue when the address is not one of the family.
    """

    id: UUID
    user_id: UUID
    family: ChainFamily
    address: ChainAddress
    label: str | None = None
    is_primary: bool = False
    connected_at: datetime
    disconnected_at: datetime | None = None
    last_seen_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        require_family("Wallet", self.family, self.address)
