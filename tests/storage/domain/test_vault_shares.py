"""Shares and assets of vaults: every rounding favours the vault."""

import math
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.protocols import morpho_shares, yearn_shares
from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.full_math import Rounding
from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.domain.protocols.yearn_vault import YearnVault

MAX_UINT256 = 2**256 - 1
amounts = st.integers(0, 10**30)
positive = st.integers(1, 10**30)
decimals = st.integers(0, 27)


def a_yearn_vault(total_assets, total_supply, **fields):
    """Return a Yearn vault with these totals."""
    known = {
        "pool_id": UUID(int=1),
        "asset_id": UUID(int=2),
        "version": "3.0.4",
        "price_per_share": 10**6,
        "total_assets": total_assets,
        "total_supply": total_supply,
        "management_fee_bps": 0,
        "performance_fee_bps": 1000,
        "strategies": {},
        "block_number": 1,
    }
    return YearnVault(**known | fields)


def a_morpho_vault(total_assets, total_supply, fee_wad=10**17):
    """Return a Morpho vault with these totals."""
    return MorphoVault(
        pool_id=UUID(int=1),
        asset_id=UUID(int=2),
        fee_wad=fee_wad,
        timelock_seconds=86400,
        total_assets=total_assets,
        total_supply=total_supply,
        allocations={},
        block_number=1,
    )


@given(positive, positive, amounts)
def test_yearn_converts_exactly_rounded_as_asked(total_assets, total_supply, amount):
    """Yearn converts exactly rounded as asked."""
    vault = a_yearn_vault(total_assets, total_supply)
    shares, assets = Fraction(amount * total_supply, total_assets), Fraction(amount * total_assets, total_supply)
    assert yearn_shares.shares_for_assets(vault, amount) == math.floor(shares)
    assert yearn_shares.shares_for_assets(vault, amount, Rounding.UP) == math.ceil(shares)
    assert yearn_shares.assets_for_shares(vault, amount) == math.floor(assets)
    assert yearn_shares.assets_for_shares(vault, amount, Rounding.UP) == math.ceil(assets)


@given(positive, positive, amounts)
def test_nothing_is_gained_from_yearn_by_going_in_and_out_at_once(total_assets, total_supply, amount):
    """Nothing is gained from Yearn by going in and out at once."""
    vault = a_yearn_vault(total_assets, total_supply)
    assert yearn_shares.assets_for_shares(vault, yearn_shares.shares_for_assets(vault, amount)) <= amount
    minted = yearn_shares.assets_for_shares(vault, amount, Rounding.UP)
    assert yearn_shares.shares_for_assets(vault, minted) >= amount
    assert yearn_shares.shares_for_assets(vault, yearn_shares.assets_for_shares(vault, amount)) <= amount


@given(positive, positive, amounts, decimals)
def test_a_price_per_share_understates_shares_by_less_than_a_unit_for_each_whole_one(assets, supply, shares, places):
    """A price per share understates shares by less than a unit for each whole one."""
    vault = a_yearn_vault(assets, supply)
    exact = yearn_shares.assets_for_shares(vault, shares)
    priced = yearn_shares.assets_at_price(shares, yearn_shares.price_per_share(vault, places), places)
    assert 0 <= exact - priced <= shares // 10**places + 1


@given(amounts, st.sampled_from(Rounding))
def test_an_empty_yearn_vault_converts_one_for_one_and_shares_of_nothing_are_worth_nothing(amount, rounding):
    """An empty Yearn vault converts one for one and shares of nothing are worth nothing."""
    assert yearn_shares.shares_for_assets(a_yearn_vault(0, 0), amount, rounding) == amount
    assert yearn_shares.assets_for_shares(a_yearn_vault(0, 0), amount, rounding) == amount
    assert yearn_shares.assets_for_shares(a_yearn_vault(7, 0), amount, rounding) == amount
    assert yearn_shares.shares_for_assets(a_yearn_vault(0, 7), amount, rounding) == 0
    assert yearn_shares.assets_for_shares(a_yearn_vault(0, 7), amount, rounding) == 0


def test_the_largest_amount_stands_for_all_there_is_and_other_large_ones_overflow():
    """The largest amount stands for all there is and other large ones overflow."""
    vault = a_yearn_vault(10, 7)
    assert yearn_shares.shares_for_assets(vault, MAX_UINT256) == MAX_UINT256
    assert yearn_shares.assets_for_shares(vault, MAX_UINT256) == MAX_UINT256
    with pytest.raises(WouldRevert):
        yearn_shares.shares_for_assets(vault, MAX_UINT256 - 1)
    with pytest.raises(WouldRevert):
        yearn_shares.assets_for_shares(vault, MAX_UINT256 - 1)


@given(amounts, amounts, st.integers(1, 10**8), st.integers(0, 10000), st.integers(0, 10000))
def test_yearns_fees_never_exceed_the_gain(debt, gain, seconds, management, performance):
    """Yearn's fees never exceed the gain."""
    vault = a_yearn_vault(1, 1, management_fee_bps=management, performance_fee_bps=performance)
    fees = yearn_shares.assessed_fees(vault, debt=debt, gain=gain, seconds=seconds)
    exact = Fraction(debt * seconds * management, 10000 * 31_556_952) + Fraction(gain * performance, 10000)
    assert min(exact - 2, gain) <= fees <= min(exact, gain)


@given(positive, positive, amounts)
def test_the_shares_issued_for_yearns_fees_are_worth_no_more_than_the_fees(assets, supply, fees):
    """The shares issued for Yearn's fees are worth no more than the fees."""
    vault = a_yearn_vault(assets, supply)
    if fees and fees * supply < assets:
        with pytest.raises(WouldRevert, match="rounds to 0"):
            yearn_shares.fee_shares(vault, fees)
        return
    issued = yearn_shares.fee_shares(vault, fees)
    assert yearn_shares.assets_for_shares(vault, issued) <= fees
    assert yearn_shares.fee_shares(a_yearn_vault(assets, 0), fees) == fees


def test_a_year_of_two_percent_management_and_twenty_of_performance():
    """Two percent of a year's debt of 1000, and twenty of a gain of 100, in units of 6 decimals."""
    vault = a_yearn_vault(10**9, 10**9, management_fee_bps=200, performance_fee_bps=2000)
    assert yearn_shares.assessed_fees(vault, debt=10**9, gain=10**8, seconds=31_556_952) == 40_000_000
    with pytest.raises(WouldRevert, match="already"):
        yearn_shares.assessed_fees(vault, debt=10**9, gain=10**8, seconds=0)


@given(amounts, amounts, amounts, decimals)
def test_morpho_converts_exactly_with_its_virtual_shares_and_asset_rounded_as_asked(assets, supply, amount, places):
    """Morpho converts exactly with its virtual shares and asset rounded as asked."""
    vault = a_morpho_vault(assets, supply)
    virtual = 10 ** max(0, 18 - places)
    shares = Fraction(amount * (supply + virtual), assets + 1)
    worth = Fraction(amount * (assets + 1), supply + virtual)
    assert morpho_shares.shares_for_assets(vault, amount, places) == math.floor(shares)
    assert morpho_shares.shares_for_assets(vault, amount, places, Rounding.UP) == math.ceil(shares)
    assert morpho_shares.assets_for_shares(vault, amount, places) == math.floor(worth)
    assert morpho_shares.assets_for_shares(vault, amount, places, Rounding.UP) == math.ceil(worth)


@given(amounts, amounts, amounts, decimals)
def test_nothing_is_gained_from_morpho_by_going_in_and_out_at_once(assets, supply, amount, places):
    """Nothing is gained from Morpho by going in and out at once."""
    vault = a_morpho_vault(assets, supply)
    bought = morpho_shares.shares_for_assets(vault, amount, places)
    assert morpho_shares.assets_for_shares(vault, bought, places) <= amount
    burnt = morpho_shares.shares_for_assets(vault, amount, places, Rounding.UP)
    assert burnt >= bought


@given(amounts, amounts, amounts, st.integers(0, 5 * 10**17), decimals)
def test_morphos_fee_is_on_interest_alone_and_never_lowers_the_price_of_a_share(assets, supply, interest, fee, places):
    """Morpho's fee is on interest alone and never lowers the price of a share."""
    before = a_morpho_vault(assets, supply, fee)
    after = morpho_shares.accrue(before, assets + interest, places)
    issued = after.total_supply - before.total_supply
    fee_assets = interest * fee // 10**18
    assert after.total_assets == assets + interest
    virtual = morpho_shares.virtual_shares(places)
    assert issued == fee_assets * (supply + virtual) // (assets + interest - fee_assets + 1)
    assert morpho_shares.assets_for_shares(after, issued, places) <= fee_assets
    assert Fraction(after.total_assets + 1, after.total_supply + virtual) >= Fraction(assets + 1, supply + virtual)


@given(amounts, amounts, amounts, decimals)
def test_a_loss_of_a_morpho_vault_bears_no_fee(assets, supply, loss, places):
    """A loss of a Morpho vault bears no fee."""
    vault = a_morpho_vault(assets + loss, supply)
    assert morpho_shares.accrued_fee_shares(vault, assets, places) == 0
    assert morpho_shares.accrue(vault, assets, places).total_supply == supply


def test_an_empty_morpho_vault_gives_shares_of_18_decimals_one_for_one():
    """An empty Morpho vault gives shares of 18 decimals one for one."""
    vault = a_morpho_vault(0, 0)
    assert morpho_shares.shares_for_assets(vault, 10**6, 6) == 10**18
    assert morpho_shares.price_per_share(vault, 6) == 10**6
    assert morpho_shares.price_per_share(vault, 18) == 10**18
    assert morpho_shares.virtual_shares(18) == morpho_shares.virtual_shares(27) == 1
