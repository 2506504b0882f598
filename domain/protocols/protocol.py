"""The DeFi protocols that pools belong to."""

from uuid import UUID

from attrs import frozen

from ..values.fields import checked


@frozen(kw_only=True, field_transformer=checked)
class Protocol:
    """A DeFi protocol, known by its slug; ``category`` is free text (dex, lending, yield)."""

    id: UUID
    slug: str
    name: str
    category: str
    website: str | None = None
    is_active: bool = True
