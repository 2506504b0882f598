"""The protocols' arithmetic answers as the contracts' source does, and reverts where it does, up to the last bit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from strongroom.domain.protocols import morpho_shares, sqrt_price_math, uniswap_v2_math, yearn_shares
from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.full_math import Rounding
from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.protocols.yearn_vault import YearnVault

MAX_UINT256 = 2**256 - 1
IDENTITIES = [UUID(int=number) for number in (1, 2, 3)]


class Reverted(Exception):
    """The contract's checked arithmetic has reverted."""


def u256(value: int) -> int:
    """Return a result of checked arithmetic."""
    if not 0 <= value <= MAX_UINT256:
        raise Reverted
    return value


def over(dividend: int, divisor: int, *, up: bool = False) -> int:
    """Return a quotient of checked arithmetic."""
    if divisor == 0:
        raise Reverted
    quotient, rest = divmod(dividend, divisor)
    return u256(quotient + (1 if up and rest else 0))


def root(value: int) -> int:
    """Return a whole square root by Newton's steps, as Math.sol takes them."""
    if value <= 3:
        return int(value > 0)
    found, following = value, value // 2 + 1
    while following < found:
        found, following = following, (value // following + following) // 2
    return found


def uints(bits: int) -> st.SearchStrategy[int]:
    """Return whole numbers of so many bits, edges first."""
    most = 2**bits - 1
    powers = st.builds(lambda bit, off: min(most, max(0, 2**bit + off)), st.integers(0, bits), st.integers(-2, 2))
    return st.sampled_from([0, 1, most, most - 1]) | powers | st.integers(0, most)


def agrees(ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Raise unless both answer the same, or both revert."""
    try:
        wanted = theirs()
    except Reverted:
        with pytest.raises(WouldRevert):
            ours()
        return
    assert ours() == wanted


def a_yearn_vault(
    assets: int, supply: int, management: int = 0, performance: int = 0, version: str = "3.0.4"
) -> YearnVault:
    """Return a Yearn vault with these totals and fees."""
    return YearnVault(
        pool_id=IDENTITIES[0],
        asset_id=IDENTITIES[1],
        version=version,
        price_per_share=1,
        total_assets=assets,
        total_supply=supply,
        management_fee_bps=management,
        performance_fee_bps=performance,
        strategies={},
        block_number=1,
    )


def a_morpho_vault(assets: int, supply: int, fee: int) -> MorphoVault:
    """Return a Morpho vault with these totals."""
    return MorphoVault(
        pool_id=IDENTITIES[0],
        asset_id=IDENTITIES[1],
        fee_wad=fee,
        timelock_seconds=1,
        total_assets=assets,
        total_supply=supply,
        allocations={},
        block_number=1,
    )


@given(
    assets=uints(256),
    supply=uints(256),
    amount=uints(256),
    up=st.booleans(),
    decimals=st.integers(0, 255),
    patch=st.integers(0, 4),
)
def test_yearn_converts_as_vaultv3_does(
    assets: int, supply: int, amount: int, *, up: bool, decimals: int, patch: int
) -> None:
    """_convert_to_shares, _convert_to_assets and pricePerShare; 10 ** decimals has to be a uint256 as well."""
    vault = a_yearn_vault(assets, supply, version=f"3.0.{patch}")
    rounding = Rounding.UP if up else Rounding.DOWN

    def to_shares() -> int:
        if amount in {0, MAX_UINT256}:
            return amount
        if supply == 0 and patch >= 3:
            return amount
        if assets == 0:
            return 0 if supply else amount
        return over(u256(amount * supply), assets, up=up)

    def to_assets(shares: int, *, up: bool = False) -> int:
        if shares in {0, MAX_UINT256} or supply == 0:
            return shares
        return over(u256(shares * assets), supply, up=up)

    agrees(lambda: yearn_shares.shares_for_assets(vault, amount, rounding), to_shares)
    agrees(lambda: yearn_shares.assets_for_shares(vault, amount, rounding), lambda: to_assets(amount, up=up))
    agrees(lambda: yearn_shares.price_per_share(vault, decimals), lambda: to_assets(u256(10**decimals)))
    agrees(
        lambda: yearn_shares.assets_at_price(amount, assets, decimals),
        lambda: over(u256(amount * assets), u256(10**decimals)),
    )


@given(
    debt=uints(256),
    gain=uints(256),
    seconds=st.integers(0, 10**9),
    fees=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    strategist=st.integers(0, 10_000),
    delegated=st.just(0) | uints(256),
)
def test_yearns_fees_are_those_of_vault_vy(
    debt: int, gain: int, seconds: int, fees: tuple[int, int], strategist: int, delegated: int
) -> None:
    """_assessFees, whose products are checked; without a gain nothing is computed."""

    def assessed() -> int:
        if seconds == 0:
            raise Reverted
        if gain == 0:
            return 0
        management = u256(u256(u256(debt - delegated) * seconds) * fees[0]) // 10_000 // 31_556_952
        of_strategist = u256(gain * strategist) // 10_000
        return min(gain, u256(u256(gain * fees[1]) // 10_000 + of_strategist + management))

    vault = a_yearn_vault(1, 1, *fees)
    given = {"debt": debt, "gain": gain, "seconds": seconds, "delegated": delegated}
    agrees(lambda: yearn_shares.assessed_fees(vault, **given, strategist_fee_bps=strategist), assessed)


@given(
    assets=uints(256),
    supply=uints(256),
    amount=uints(256),
    profit=st.tuples(uints(256), uints(256), st.integers(0, 10**9)),
)
def test_yearn_converts_as_vault_vy_does(assets: int, supply: int, amount: int, profit: tuple[int, int, int]) -> None:
    """_sharesForAmount, _shareValue, _issueSharesForAmount and _freeFunds of version 2, whose products are checked."""
    vault = a_yearn_vault(assets, supply, version="0.4.6")

    def issued() -> int:
        shares = over(u256(amount * supply), assets) if supply else amount
        if shares == 0:
            raise Reverted
        return shares

    def free() -> int:
        locked, degradation, seconds = profit
        ratio = u256(seconds * degradation)
        left = locked - u256(ratio * locked) // 10**18 if ratio < 10**18 else 0
        return u256(assets - left)

    def to_shares() -> int:
        return over(u256(amount * supply), assets) if assets else 0

    def to_assets() -> int:
        return over(u256(amount * assets), supply) if supply else amount

    agrees(lambda: yearn_shares.shares_for_assets(vault, amount), to_shares)
    agrees(lambda: yearn_shares.assets_for_shares(vault, amount), to_assets)
    agrees(lambda: yearn_shares.issued_shares(vault, amount), issued)
    agrees(lambda: yearn_shares.fee_shares(vault, amount), issued if amount else lambda: 0)
    locked, degradation, seconds = profit
    agrees(
        lambda: yearn_shares.free_funds(assets, locked_profit=locked, degradation=degradation, seconds=seconds), free
    )


@given(
    assets=uints(256),
    supply=uints(256),
    amount=uints(256),
    after=uints(256),
    fee=st.sampled_from([0, 1, 10**17, 5 * 10**17]),
    decimals=st.integers(0, 255),
    up=st.booleans(),
)
def test_morpho_converts_as_metamorpho_does(
    assets: int, supply: int, amount: int, after: int, fee: int, decimals: int, *, up: bool
) -> None:
    """_convertToSharesWithTotals, _convertToAssetsWithTotals, _accrueFee; the sums are checked, too."""
    vault, rounding = a_morpho_vault(assets, supply, fee), Rounding.UP if up else Rounding.DOWN
    virtual = 10 ** max(0, 18 - decimals)

    def to_shares(given_assets: int, total: int, *, up: bool = False) -> int:
        return over(given_assets * u256(supply + virtual), u256(total + 1), up=up)

    def to_assets(shares: int, *, up: bool = False) -> int:
        return over(shares * u256(assets + 1), u256(supply + virtual), up=up)

    def accrued() -> tuple[int, int]:
        interest = max(0, after - assets)
        if not (interest and fee):
            return after, supply
        charged = over(interest * fee, 10**18)
        return after, u256(supply + to_shares(charged, after - charged))

    def ours() -> tuple[int, int]:
        found = morpho_shares.accrue(vault, after, decimals)
        return found.total_assets, found.total_supply

    agrees(
        lambda: morpho_shares.shares_for_assets(vault, amount, decimals, rounding),
        lambda: to_shares(amount, assets, up=up),
    )
    agrees(lambda: morpho_shares.assets_for_shares(vault, amount, decimals, rounding), lambda: to_assets(amount, up=up))
    agrees(lambda: morpho_shares.price_per_share(vault, decimals), lambda: to_assets(u256(10 ** max(18, decimals))))
    agrees(ours, accrued)


@given(
    reserves=st.tuples(uints(112), uints(112)),
    supply=uints(256),
    k_last=uints(224),
    part=st.integers(0, 100),
    amount=uints(256),
    is_fee_on=st.booleans(),
)
@example(reserves=(1, 4), supply=MAX_UINT256, k_last=1, part=1, amount=1, is_fee_on=True)
def test_uniswap_v2_pays_as_its_pair_and_library_do(
    reserves: tuple[int, int], supply: int, k_last: int, part: int, amount: int, *, is_fee_on: bool
) -> None:
    """_mintFee and burn, getAmountOut and getAmountIn, whose sums and products are all checked."""
    pair = UniswapV2Pair(
        pool_id=IDENTITIES[0],
        token0_id=IDENTITIES[1],
        token1_id=IDENTITIES[2],
        reserve0=reserves[0],
        reserve1=reserves[1],
        total_supply=supply,
        k_last=k_last,
        block_number=1,
        is_fee_on=is_fee_on,
    )
    liquidity = supply * part // 100

    def burnt() -> tuple[int, int]:
        if liquidity == 0:
            return 0, 0
        minted, now, last = 0, root(reserves[0] * reserves[1]), root(k_last)
        if is_fee_on and k_last and now > last:
            minted = u256(supply * (now - last)) // u256(u256(now * 5) + last)
        total = u256(supply + minted)
        amounts = u256(liquidity * reserves[0]) // total, u256(liquidity * reserves[1]) // total
        if 0 in amounts:
            raise Reverted
        return amounts

    def paid() -> int:
        if 0 in {amount, *reserves}:
            raise Reverted
        kept = u256(amount * 997)
        return u256(kept * reserves[1]) // u256(u256(reserves[0] * 1000) + kept)

    def cost() -> int:
        if 0 in {amount, *reserves}:
            raise Reverted
        numerator = u256(u256(reserves[0] * amount) * 1000)
        return u256(over(numerator, u256(u256(reserves[1] - amount) * 997)) + 1)

    agrees(lambda: uniswap_v2_math.share_of_reserves(pair, liquidity), burnt)
    agrees(lambda: uniswap_v2_math.swap_output(amount, *reserves), paid)
    agrees(lambda: uniswap_v2_math.swap_input(amount, *reserves), cost)


@given(
    price=uints(160),
    liquidity=uints(128),
    amount=uints(256) | st.integers(-(2**130), -1),
    zero_for_one=st.booleans(),
    coming_in=st.booleans(),
)
def test_uniswap_v3_prices_move_as_sqrtpricemath_moves_them(  # noqa: C901 - it is as long as the contract
    price: int, liquidity: int, amount: int, *, zero_for_one: bool, coming_in: bool
) -> None:
    """GetNextSqrtPriceFromInput and -Output, with the loss of precision where a product overflows."""

    def u160(value: int) -> int:
        if not 0 <= value < 2**160:
            raise Reverted
        return value

    def after_token0() -> int:
        if amount == 0:
            return price
        scaled, moved = liquidity << 96, amount * price
        if coming_in:
            if moved <= MAX_UINT256 and scaled + moved <= MAX_UINT256:
                return over(scaled * price, scaled + moved, up=True) % 2**160
            return over(scaled, u256(scaled // price + amount), up=True) % 2**160
        if moved > MAX_UINT256 or scaled <= moved:
            raise Reverted
        return u160(over(scaled * price, scaled - moved, up=True))

    def after_token1() -> int:
        moved = over(amount << 96, liquidity, up=not coming_in)
        if coming_in:
            return u160(u256(price + moved))
        if price <= moved:
            raise Reverted
        return price - moved

    def theirs() -> int:
        if price == 0 or liquidity == 0:
            raise Reverted
        u256(amount)
        return after_token0() if zero_for_one is coming_in else after_token1()

    moves = sqrt_price_math.next_sqrt_price_from_input if coming_in else sqrt_price_math.next_sqrt_price_from_output
    agrees(lambda: moves(price, liquidity, amount, zero_for_one=zero_for_one), theirs)
