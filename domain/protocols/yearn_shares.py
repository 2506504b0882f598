"""Shares and assets of Yearn vaults, in raw units, as the vaults of each version convert them.

The rules are those of VaultV3.vy (3.0.0 to 3.0.4), an ERC-4626 vault (https://eips.ethereum.org/EIPS/eip-4626), and of
Vault.vy 0.4 for vaults of version 2. A deposit of assets and a redemption of shares round down, a mint of shares and a
withdrawal of assets up: always in favour of the vault.

- A vault of version 2 unlocks its profits over time: give its free funds (``free_funds``) as ``total_assets``.
- A vault of version 3 burns the shares that lock its profits over time: give the supply without those that are
  unlocked (``effective_supply``) as ``total_supply``.
"""

from typing import Final

from ..values.fields import MAX_UINT256
from .errors import WouldRevert
from .full_math import Rounding, checked_product, divide, require_at_most, whole_token
from .yearn_vault import YearnVault

MAX_BPS: Final = 10_000
MAX_BPS_EXTENDED: Final = 10**12
"""The unit of version 3's rate at which profits unlock."""
DEGRADATION_COEFFICIENT: Final = 10**18
"""The unit of version 2's rate at which profits unlock."""
SECONDS_PER_YEAR: Final = 31_556_952
"""365.2425 days, as Vault.vy counts."""
_ONE_TO_ONE_WITHOUT_SUPPLY: Final = (3, 0, 3)


def version_of(vault: YearnVault) -> tuple[int, ...]:
    """Return a vault's version as numbers, (3, 0, 2) of ``3.0.2``; what is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in vault.version.split("."))


def shares_for_assets(vault: YearnVault, assets: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the shares that assets stand for, by the rule of the vault's version.

    - Version 3 (_convert_to_shares; DOWN: previewDeposit, UP: previewWithdraw): one for one in an empty vault, from
      3.0.3 on also where there are assets and no shares; 0 where shares have lost all their assets; 2^256-1, which
      stands for all there is, as it is.
    - Version 2 (_sharesForAmount): 0 in a vault without free funds. A deposit is ``issued_shares``.

    Raises WouldRevert where the product of assets and supply is beyond uint256.
    """
    require_at_most(assets, MAX_UINT256, "shares_for_assets")
    version = version_of(vault)
    if version >= (3,):
        if assets in (0, MAX_UINT256):
            return assets
        if vault.total_supply == 0 and (vault.total_assets == 0 or version >= _ONE_TO_ONE_WITHOUT_SUPPLY):
            return assets
    if vault.total_assets == 0:
        return 0
    return divide(checked_product(assets, vault.total_supply, "shares_for_assets"), vault.total_assets, rounding)


def assets_for_shares(vault: YearnVault, shares: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return the assets that shares stand for: _convert_to_assets (DOWN: previewRedeem, UP: previewMint).

    One for one in a vault without shares. 2^256-1 stands for all there is in version 3, and is returned as it is.
    Version 2 is _shareValue. Raises WouldRevert where the product of shares and assets is beyond uint256.
    """
    require_at_most(shares, MAX_UINT256, "assets_for_shares")
    if vault.total_supply == 0 or (shares == MAX_UINT256 and version_of(vault) >= (3,)):
        return shares
    return divide(checked_product(shares, vault.total_assets, "assets_for_shares"), vault.total_supply, rounding)


def free_funds(total_assets: int, *, locked_profit: int, degradation: int, seconds: int) -> int:
    """Return the assets of a version 2 vault that shares have a claim on: _freeFunds.

    ``locked_profit`` is what was locked at the last report, so many ``seconds`` ago, and ``degradation`` the part of
    10**18 of it that a second unlocks. Raises WouldRevert where more is locked than there is, and beyond uint256.
    """
    ratio = checked_product(seconds, degradation, "free_funds")
    locked = 0
    if ratio < DEGRADATION_COEFFICIENT:
        locked = locked_profit - checked_product(ratio, locked_profit, "free_funds") // DEGRADATION_COEFFICIENT
    return require_at_most(total_assets - locked, MAX_UINT256, "free_funds")


def effective_supply(  # noqa: PLR0913 - what the contract holds of unlocking profits
    total_supply: int,
    *,
    locked_shares: int,
    unlocking_rate: int,
    last_update: int,
    full_unlock: int,
    now: int,
) -> int:
    """Return the shares of a version 3 vault that count at a time: _total_supply, which is without the unlocked.

    ``locked_shares`` are those that the vault holds itself, ``unlocking_rate`` how many of them a second unlocks in
    10**12ths; times are seconds since 1970, ``full_unlock`` 0 where nothing is locked. Raises WouldRevert beyond the
    supply and uint256.
    """
    unlocked = 0
    if full_unlock > now:
        unlocked = checked_product(unlocking_rate, now - last_update, "effective_supply") // MAX_BPS_EXTENDED
    elif full_unlock != 0:
        unlocked = locked_shares
    return require_at_most(total_supply - unlocked, MAX_UINT256, "effective_supply")


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


def assessed_fees(  # noqa: PLR0913 - what the contract reads of a strategy
    vault: YearnVault, *, debt: int, gain: int, seconds: int, delegated: int = 0, strategist_fee_bps: int = 0
) -> int:
    """Return the fees in raw assets on a strategy's report of a gain: _assessFees of Vault.vy 0.4.

    The management fee on what was lent to the strategy for so many seconds, less what it has ``delegated`` to other
    vaults of Yearn; the vault's performance fee and the strategist's on the gain; each rounded down, together never
    more than the gain, and 0 without one. Raises WouldRevert for a report in the same second as the last, for more
    delegated than lent, and beyond uint256.
    """
    if seconds <= 0:
        raise WouldRevert("assessed_fees", reason="there was a report at this time already")
    if gain == 0:
        return 0
    lent = checked_product(require_at_most(debt - delegated, MAX_UINT256, "assessed_fees"), seconds, "assessed_fees")
    management = checked_product(lent, vault.management_fee_bps, "assessed_fees") // MAX_BPS // SECONDS_PER_YEAR
    strategist = checked_product(gain, strategist_fee_bps, "assessed_fees") // MAX_BPS
    performance = checked_product(gain, vault.performance_fee_bps, "assessed_fees") // MAX_BPS
    return min(require_at_most(management + strategist + performance, MAX_UINT256, "assessed_fees"), gain)


def issued_shares(vault: YearnVault, assets: int) -> int:
    """Return the shares that a version 2 vault issues for assets before it counts them: _issueSharesForAmount.

    One for one in a vault without shares, else rounded down. Raises WouldRevert where that is 0, where shares have lost
    all their assets, and beyond uint256.
    """
    shares = require_at_most(assets, MAX_UINT256, "issued_shares")
    if vault.total_supply:
        shares = divide(checked_product(assets, vault.total_supply, "issued_shares"), vault.total_assets)
    if shares == 0:
        raise WouldRevert("issued_shares", reason="the division rounds to 0")
    return shares


def fee_shares(vault: YearnVault, fees: int) -> int:
    """Return the shares that a version 2 vault issues for fees in raw assets; none for no fee.

    They dilute all shares. Raises WouldRevert as ``issued_shares`` does.
    """
    return issued_shares(vault, fees) if fees else 0
