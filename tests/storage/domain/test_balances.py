"""Balances as sums of changes."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.holdings import balance_change, day

from strongroom.domain.transactions.balance_change import BalanceChangeKind
from strongroom.domain.transactions.balances import balances, balances_at_block, totals
from strongroom.domain.values.address import checksum_evm_address
from strongroom.domain.values.fields import MAX_UINT256

ADDRESSES = ["0x" + digit * 40 for digit in "0ab"]
COINS = [UUID(int=number) for number in (1, 2)]
deltas = st.integers(-MAX_UINT256, MAX_UINT256).filter(bool) | st.integers(-3, 3).filter(bool)
changes = st.lists(
    st.builds(
        balance_change,
        st.sampled_from(ADDRESSES),
        deltas,
        coin_id=st.sampled_from(COINS),
        chain_id=st.sampled_from([1, 10]),
        block_number=st.integers(0, 5),
        at=st.integers(0, 5).map(day),
        kind=st.sampled_from(BalanceChangeKind),
    ),
    max_size=20,
)


@given(changes, st.sampled_from(ADDRESSES), st.none() | st.integers(-1, 6).map(day), st.randoms())
def test_a_balance_is_the_sum_of_the_changes_up_to_and_at_a_time_in_whatever_order_they_come(
    known, owner, at, shuffler
):
    """A balance is the sum of the changes up to and at a time in whatever order they come."""
    expected = {
        coin: sum(
            change.delta
            for change in known
            if change.address == owner and change.coin_id == coin and (at is None or change.at <= at)
        )
        for coin in COINS
    }
    found = balances(known, owner, at=at)
    assert found == {coin: balance for coin, balance in expected.items() if balance}
    shuffler.shuffle(known)
    assert balances(iter(known), checksum_evm_address(owner), at=at) == found


@given(changes, st.sampled_from(ADDRESSES), st.sampled_from([1, 10]), st.integers(0, 5))
def test_after_a_block_the_changes_of_its_chain_up_to_and_in_it_count(known, owner, chain, block):
    """After a block the changes of its chain up to and in it count."""
    past = [change for change in known if change.chain_id == chain and change.block_number <= block]
    assert balances_at_block(known, owner, chain_id=chain, block_number=block) == balances(past, owner)


@given(
    st.lists(st.tuples(st.permutations(ADDRESSES), st.sampled_from(COINS), st.integers(1, MAX_UINT256)), max_size=10)
)
def test_transfers_with_both_ends_sum_to_zero_gas_aside(transfers):
    """Transfers with both ends sum to zero gas aside."""
    known = [
        balance_change(address, delta, coin_id=coin)
        for (sender, receiver, _), coin, amount in transfers
        for address, delta in ((sender, -amount), (receiver, amount))
    ]
    known.append(balance_change(ADDRESSES[1], -21_000, coin_id=COINS[0], kind=BalanceChangeKind.GAS))
    assert not any(totals(known).values())
    assert set(totals(known)) == {coin for _, coin, _ in transfers}


def test_an_owner_that_is_no_evm_address_is_refused():
    """An owner that is no EVM address is refused."""
    with pytest.raises(ValueError, match="EVM address"):
        balances([], "0x1")
