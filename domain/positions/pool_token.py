"""The coins that a pool holds."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, Rate, checked


@frozen(kw_only=True, field_transformer=checked)
class PoolToken:
    """A coin at a place of a pool (token0 is at 0); ``weight`` is its share of the pool, a fraction."""

    pool_id: UUID
    position: Count32
    coin_id: UUID
    weight: Rate | None = None
