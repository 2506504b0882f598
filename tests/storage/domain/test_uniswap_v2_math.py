"""What pairs of Uniswap v2 pay."""

import math
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.uniswap_v2_math import (
    protocol_fee_liquidity,
    quote,
    share_of_reserves,
    swap_input,
    swap_output,
)
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair

MAX_UINT256 = 2**256 - 1
reserves = st.integers(1, 2**112 - 1)
amounts = st.integers(1, 2**112 - 1)
supplies = st.integers(1, 2**112)


def a_pair(reserve0, reserve1, total_supply, k_last=0):
    """Return a pair with these reserves and this supply."""
    return UniswapV2Pair(
        pool_id=UUID(int=1),
        token0_id=UUID(int=2),
        token1_id=UUID(int=3),
        reserve0=reserve0,
        reserve1=reserve1,
        total_supply=total_supply,
        k_last=k_last,
        block_number=1,
    )


@given(amounts, reserves, reserves)
def test_a_swap_never_lowers_the_product_of_the_reserves_after_the_fee(amount, reserve_in, reserve_out):
    """A swap never lowers the product of the reserves after the fee."""
    paid = swap_output(amount, reserve_in, reserve_out)
    assert paid < reserve_out
    kept_in, kept_out = reserve_in * 1000 + amount * 997, reserve_out - paid
    assert kept_in * kept_out >= reserve_in * 1000 * reserve_out
    assert kept_in * (kept_out - 1) < reserve_in * 1000 * reserve_out


@given(amounts, reserves, reserves)
def test_what_a_swap_costs_buys_what_was_asked_for(amount, reserve_in, reserve_out):
    """What a swap costs buys what was asked for."""
    assume(amount < reserve_out)
    cost = swap_input(amount, reserve_in, reserve_out)
    assert swap_output(cost, reserve_in, reserve_out) >= amount
    assert cost <= 2 or swap_output(cost - 2, reserve_in, reserve_out) < amount


@given(amounts, amounts, reserves, reserves)
def test_more_in_never_pays_less_out(amount, more, reserve_in, reserve_out):
    """More in never pays less out."""
    assert swap_output(amount, reserve_in, reserve_out) <= swap_output(amount + more, reserve_in, reserve_out)


@given(amounts, reserves, reserves)
def test_a_quote_is_the_ratio_of_the_reserves_rounded_down(amount, reserve, other):
    """A quote is the ratio of the reserves rounded down."""
    assert quote(amount, reserve, other) == math.floor(Fraction(amount * other, reserve))


@given(reserves, reserves, supplies, st.data())
def test_the_shares_of_all_are_within_the_reserves_and_the_whole_supply_is_all_of_them(
    reserve0, reserve1, supply, data
):
    """The shares of all are within the reserves and the whole supply is all of them."""
    pair = a_pair(reserve0, reserve1, supply)
    least = min(supply, -(-supply // min(reserve0, reserve1)))
    part = data.draw(st.sampled_from([0, supply]) | st.integers(least, max(least, supply - least)))
    assume(part in (0, supply) or least <= supply - part)
    ours, theirs = share_of_reserves(pair, part), share_of_reserves(pair, supply - part)
    for mine, other, reserve in zip(ours, theirs, (reserve0, reserve1), strict=True):
        assert reserve - 1 <= mine + other <= reserve
    assert share_of_reserves(pair, supply) == (reserve0, reserve1)


@given(reserves, reserves, supplies, st.integers(1, 2**224))
def test_the_protocols_fee_dilutes_shares_by_a_sixth_of_the_growth_at_most(reserve0, reserve1, supply, k_last):
    """The protocol's fee dilutes shares by a sixth of the growth at most."""
    pair = a_pair(reserve0, reserve1, supply, k_last)
    fee = protocol_fee_liquidity(pair)
    root, last = math.isqrt(reserve0 * reserve1), math.isqrt(k_last)
    assert 5 * fee <= supply
    if root <= last:
        assert fee == 0
    else:
        assert fee == math.floor(Fraction(supply * (root - last), 5 * root + last))
    assert share_of_reserves(pair, supply)[0] == reserve0 * supply // (supply + fee)


def test_a_swap_pays_what_the_routers_tests_publish():
    """The example of v2-periphery's UniswapV2Router01 tests, and swaps of v2-core's UniswapV2Pair tests."""
    assert swap_output(2, 100, 100) == 1
    assert swap_input(1, 100, 100) == 2
    assert quote(1, 100, 200) == 2
    assert quote(2, 200, 100) == 1
    one = 10**18
    assert swap_output(one, 5 * one, 10 * one) == 1662497915624478906
    assert swap_output(one, 10 * one, 5 * one) == 453305446940074565
    assert swap_output(2 * one, 5 * one, 10 * one) == 2851015155847869602
    assert swap_output(one, 1000 * one, 1000 * one) == 996006981039903216


def test_the_protocols_fee_is_that_which_the_pairs_tests_publish():
    """v2-core's UniswapV2Pair, feeTo:on: a swap of 1 in a pair of 1000 and 1000."""
    one = 10**18
    out = 996006981039903216
    pair = a_pair(1001 * one, 1000 * one - out, 1000 * one, (1000 * one) ** 2)
    assert protocol_fee_liquidity(pair) == 249750499251388


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (quote, (0, 100, 200)),
        (quote, (1, 0, 200)),
        (quote, (1, 100, 0)),
        (swap_output, (0, 100, 100)),
        (swap_output, (2, 0, 100)),
        (swap_output, (2, 100, 0)),
        (swap_output, (MAX_UINT256, 1, 1)),
        (swap_input, (0, 100, 100)),
        (swap_input, (1, 0, 100)),
        (swap_input, (1, 100, 0)),
        (swap_input, (100, 100, 100)),
    ],
)
def test_what_the_library_reverts_is_refused(function, values):
    """What the library reverts is refused."""
    with pytest.raises(WouldRevert) as refused:
        function(*values)
    assert refused.value.function == function.__name__


def test_no_liquidity_has_no_share_and_more_than_there_is_has_none_either():
    """No liquidity has no share and more than there is has none either."""
    assert share_of_reserves(a_pair(0, 0, 0), 0) == (0, 0)
    with pytest.raises(WouldRevert, match="the supply"):
        share_of_reserves(a_pair(10, 10, 10), 11)
