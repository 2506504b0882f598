"""Shares and assets of Morpho vaults, in raw units, as MetaMorpho.sol converts them.

The rules are those of ERC-4626 (https://eips.ethereum.org/EIPS/eip-4626) with OpenZeppelin's virtual shares and
one virtual asset, which keep the first depositor from being robbed by a donation: there are always
``10 ** offset`` shares and 1 asset more than were issued and deposited, where the offset brings the shares to 18
decimals. A deposit of assets and a redemption of shares round down, a mint of shares and a withdrawal of assets
up: always in favour of the vault.
"""

from typing import Final

from attrs import evolve

from ..values.fields import MAX_UINT256
from .full_math import Rounding, mul_div, require_at_most, whole_token
from .morpho_vault import MorphoVault

WAD: Final = 10**18
SHARE_DECIMALS: Final = 18


def virtual_shares(asset_decimals: int) -> int:
    """Return the shares that are counted beyond those issued (DECIMALS_OFFSET): 1 for 18 decimals or more."""
    return int(10 ** max(0, SHARE_DECIMALS - asset_decimals))


def shares_for_assets(vault: MorphoVault, assets: int, asset_decimals: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the shares that assets stand for: _convertToSharesWithTotals (DOWN: deposit, UP: withdraw).

    The vault's totals have to be up to date: see ``accrue``. Raises WouldRevert beyond uint256.
    """
    return mul_div(assets, *_totals(vault, asset_decimals), rounding)


def assets_for_shares(vault: MorphoVault, shares: int, asset_decimals: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the assets that shares stand for: _convertToAssetsWithTotals (DOWN: redeem, UP: mint).

    The vault's totals have to be up to date: see ``accrue``. Raises WouldRevert beyond uint256.
    """
    supply, total = _totals(vault, asset_decimals)
    return mul_div(shares, total, supply, rounding)


def price_per_share(vault: MorphoVault, asset_decimals: int) -> int:
    """Return the raw assets of one whole share, of 18 decimals or the asset's more, rounded down."""
    return assets_for_shares(vault, whole_token(max(SHARE_DECIMALS, asset_decimals)), asset_decimals)


def accrued_fee_shares(vault: MorphoVault, total_assets: int, asset_decimals: int) -> int:
    """Return the shares that the vault's fee makes of interest, where it has come to hold so many assets.

    _accruedFeeShares: the fee, rounded down, on what ``total_assets`` is above the vault's last; the shares are
    worth it after the interest was counted, rounded down again. A loss bears no fee.
    """
    interest = max(0, total_assets - vault.total_assets)
    if not (interest and vault.fee_wad):
        return 0
    fee_assets = mul_div(interest, vault.fee_wad, WAD)
    before_fee = evolve(vault, total_assets=total_assets - fee_assets)
    return shares_for_assets(before_fee, fee_assets, asset_decimals)


def accrue(vault: MorphoVault, total_assets: int, asset_decimals: int) -> MorphoVault:
    """Return the vault as it is once it has come to hold so many assets: the fee is issued in shares: _accrueFee.

    Raises WouldRevert beyond uint256.
    """
    fee = accrued_fee_shares(vault, total_assets, asset_decimals)
    supply = require_at_most(vault.total_supply + fee, MAX_UINT256, "accrue")
    return evolve(vault, total_assets=total_assets, total_supply=supply)


def _totals(vault: MorphoVault, asset_decimals: int) -> tuple[int, int]:
    """Return the shares and assets that are counted. Raises WouldRevert beyond uint256."""
    return (
        require_at_most(vault.total_supply + virtual_shares(asset_decimals), MAX_UINT256, "totals"),
        require_at_most(vault.total_assets + 1, MAX_UINT256, "totals"),
    )
