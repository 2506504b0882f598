"""Who may propose on behalf of owners."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import EvmAddress, checked


@frozen(kw_only=True, field_transformer=checked)
class SafeDelegate:
    """An address that may propose transactions for an owner, the delegator, until just before ``expires_at``.

    ``safe_id`` None: for every Safe that the delegator owns.
    """

    id: UUID
    safe_id: UUID | None = None
    delegate_address: EvmAddress
    delegator_address: EvmAddress
    label: str
    expires_at: datetime | None = None
    created_at: datetime
