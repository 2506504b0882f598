"""Shares and assets of Yearn vaults, in raw units, as the vaults convert them.

The rules are those of ERC-4626 (https://eips.ethereum.org/EIPS/eip-4626) in Yearn's VaultV3.vy; for a vault of
version 2 (Vault.vy 0.4), whose profits unlock over time, give what is unlocked, its free funds, as
``total_assets``. A deposit of assets and a redemption of shares round down, a mint of shares and a withdrawal of
assets up: always in favour of the vault.
"""

from typing import Final

from ..values.fields import MAX_UINT256
from .errors import WouldRevert
from .full_math import Rounding, checked_product, divide, require_at_most, whole_token
from .yearn_vault import YearnVault

MAX_BPS: Final = 10_000
SECONDS_PER_YEAR: Final = 31_556_952
"""365.2425 days, as Vault.vy counts."""


def shares_for_assets(vault: YearnVault, assets: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the shares that assets stand for: _convert_to_shares (DOWN: previewDeposit, UP: previewWithdraw).

    One for one in an empty vault; 0 where shares have lost all their assets; 2^256-1, which stands for all
    there is, as it is. Raises WouldRevert where the product of assets and supply is beyond uint256.
    """
    if assets in (0, MAX_UINT256):
        return assets
    if vault.total_assets == 0:
        return assets if vault.total_supply == 0 else 0
    return divide(checked_product(assets, vault.total_supply, "shares_for_assets"), vault.total_assets, rounding)


def assets_for_shares(vault: YearnVault, shares: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the assets that shares stand for: _convert_to_assets (DOWN: previewRedeem, UP: previewMint).

    One for one in a vault without shares; 2^256-1, which stands for all there is, as it is. Raises WouldRevert
    where the product of shares and assets is beyond uint256.
    """
    if shares == MAX_UINT256 or vault.total_supply == 0:
        return shares
    return divide(checked_product(shares, vault.total_assets, "assets_for_shares"), vault.total_supply, rounding)


def price_per_share(vault: YearnVault, decimals: int) -> int:
    """Return the raw assets that one whole share is worth, rounded down: pricePerShare.

    ``decimals`` are the asset's, which the shares have too.
    """
    return assets_for_shares(vault, whole_token(decimals))


def assets_at_price(shares: int, price: int, decimals: int) -> int:
    """Return the assets that shares are worth at a stated price per share, rounded down.

    The price is itself rounded down to a raw unit, so that this may be less than ``assets_for_shares``, by less
    than one raw unit for every whole share and one more.
    """
    return checked_product(shares, price, "assets_at_price") // whole_token(decimals)


def assessed_fees(vault: YearnVault, *, debt: int, gain: int, seconds: int) -> int:
    """Return the fees in raw assets on a strategy's report of a gain: _assessFees of Vault.vy 0.4.

    The management fee on what was lent to the strategy for so many seconds and the performance fee on the gain,
    each rounded down; together never more than the gain, and 0 without one. Raises WouldRevert for a report in
    the same second as the last, and beyond uint256.
    """
    if seconds <= 0:
        raise WouldRevert("assessed_fees", reason="there was a report at this time already")
    if gain == 0:
        return 0
    lent = checked_product(debt, seconds, "assessed_fees")
    management = checked_product(lent, vault.management_fee_bps, "assessed_fees") // MAX_BPS // SECONDS_PER_YEAR
    performance = checked_product(gain, vault.performance_fee_bps, "assessed_fees") // MAX_BPS
    return min(require_at_most(management + performance, MAX_UINT256, "assessed_fees"), gain)


def fee_shares(vault: YearnVault, fees: int) -> int:
    """Return the shares that are issued for fees in raw assets before the gain is counted: _issueSharesForAmount.

    They dilute all shares, and are rounded down. Raises WouldRevert where shares have lost all their assets.
    """
    if vault.total_supply == 0:
        return fees
    return divide(checked_product(fees, vault.total_supply, "fee_shares"), vault.total_assets)
