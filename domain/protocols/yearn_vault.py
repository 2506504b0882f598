"""The vaults of Yearn."""

from uuid import UUID

from attrs import frozen

from ..values.fields import BasisPoints, Count64, Json, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class YearnVault:
    """The state of a Yearn vault after a block, in raw units of its asset and of its shares.

    ``price_per_share`` is what one whole share is worth in raw units of the asset; ``deposit_limit`` None is
    no limit; ``strategies`` holds what is known of each strategy, by its address.
    """

    pool_id: UUID
    asset_id: UUID
    version: str
    price_per_share: Uint256
    total_assets: Uint256
    total_supply: Uint256
    deposit_limit: Uint256 | None = None
    management_fee_bps: BasisPoints
    performance_fee_bps: BasisPoints
    is_shutdown: bool = False
    strategies: Json
    block_number: Count64
