"""The contracts that may act for a Safe without its owners' confirmations."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import EvmAddress, Json, checked


@frozen(kw_only=True, field_transformer=checked)
class SafeModule:
    """A module of a Safe, enabled from ``enabled_at`` until just before ``disabled_at`` (None: still)."""

    id: UUID
    safe_id: UUID
    module_address: EvmAddress
    name: str
    enabled_at: datetime
    disabled_at: datetime | None = None
    config: Json
