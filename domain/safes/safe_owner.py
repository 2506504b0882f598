"""Who owns Safes."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import EvmAddress, checked


@frozen(kw_only=True, field_transformer=checked)
class SafeOwner:
    """An address that owns a Safe from ``added_at`` until just before ``removed_at`` (None: still)."""

    safe_id: UUID
    owner_address: EvmAddress
    added_at: datetime
    removed_at: datetime | None = None
