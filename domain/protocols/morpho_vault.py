"""The vaults of Morpho."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, EvmAddress, FeeWad, Json, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class MorphoVault:
    """The state of a Morpho vault (MetaMorpho) after a block, in raw units of its asset and of its shares.

    ``fee_wad`` is the share of the interest that the vault keeps, of 10**18; ``allocations`` holds what is
    supplied to each market, by the market's id.
    """

    pool_id: UUID
    asset_id: UUID
    curator: EvmAddress | None = None
    guardian: EvmAddress | None = None
    fee_wad: FeeWad
    timelock_seconds: Count64
    total_assets: Uint256
    total_supply: Uint256
    allocations: Json
    block_number: Count64
