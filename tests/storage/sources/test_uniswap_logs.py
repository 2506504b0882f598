"""Swap logs of Uniswap: any amounts come back out of their encoding, and coins are told or not, never guessed."""

import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from support.exports import POOL, v2_swap, v3_swap

from strongroom.adapters.sources.uniswap_logs import (
    TRANSFER_TOPIC,
    V2_SWAP_TOPIC,
    V3_SWAP_TOPIC,
    Movement,
    PoolSwap,
    decode_swap,
    infer_coins,
)
from strongroom.domain.positions.pool import PoolKind

V2, V3 = PoolKind.UNISWAP_V2, PoolKind.UNISWAP_V3
AMOUNTS = st.integers(1, 2**112 - 1)
MOVEMENTS = st.lists(
    st.builds(Movement, st.sampled_from("ABC"), into_pool=st.booleans(), value=st.integers(1, 4)), max_size=6
)


@pytest.mark.parametrize(
    ("topic", "event"),
    [
        (TRANSFER_TOPIC, b"Transfer(address,address,uint256)"),
        (V2_SWAP_TOPIC, b"Swap(address,uint256,uint256,uint256,uint256,address)"),
        (V3_SWAP_TOPIC, b"Swap(address,address,int256,int256,uint160,uint128,int24)"),
    ],
)
def test_topics_are_the_hashes_of_their_events(topic: str, event: bytes) -> None:
    """A topic is the keccak-256 of the event's signature."""
    assert topic == "0x" + keccak(event).hex()


@given(amount_in=AMOUNTS, amount_out=AMOUNTS, token0_in=st.booleans())
def test_amounts_survive_both_encodings(amount_in: int, amount_out: int, token0_in: bool) -> None:  # noqa: FBT001
    """v2 says what went in and out of each token, v3 what a token gained or lost: both give the same swap."""
    words = (amount_in, 0, 0, amount_out) if token0_in else (0, amount_in, amount_out, 0)
    signed = (amount_in, -amount_out) if token0_in else (-amount_out, amount_in)
    for kind, log in ((V2, v2_swap(0, words)), (V3, v3_swap(0, *signed))):
        expected = PoolSwap(pool=POOL, kind=kind, amount_in=amount_in, amount_out=amount_out)
        assert decode_swap(POOL, log["topics"], log["data"]) == expected


@given(
    data=st.text("0123456789abcdefx", max_size=400),
    topics=st.integers(1, 4),
    topic=st.sampled_from([V2_SWAP_TOPIC, V3_SWAP_TOPIC]),
)
def test_any_data_gives_a_swap_or_none(data: str, topics: int, topic: str) -> None:
    """A log of another shape that happens to have the topic is no swap, and no error."""
    swap = decode_swap(POOL, [topic] * topics, data)
    assert swap is None or (swap.amount_in > 0 and swap.amount_out > 0)


@pytest.mark.parametrize("words", [(1, 1, 1, 0), (1, 0, 1, 0), (0, 0, 0, 5), (5, 0, 0, 0), (1, 1, 1, 1)])
def test_logs_that_are_no_exchange_give_no_swap(words: tuple[int, int, int, int]) -> None:
    """A coin that went both ways, and a side that did not move, give nothing."""
    log = v2_swap(0, words)
    assert decode_swap(POOL, log["topics"], log["data"]) is None


@given(movements=MOVEMENTS, seed=st.randoms())
def test_coins_are_told_by_transfers_or_not_at_all(movements: list[Movement], seed: object) -> None:
    """Told coins differ, moved in their directions, at least one by the exact amount; the order does not matter."""
    swap = PoolSwap(pool=POOL, kind=V2, amount_in=1, amount_out=2)
    coins = infer_coins(swap, movements)
    assert infer_coins(swap, sorted(movements, key=repr)) == coins
    if coins is None:
        return
    coin_in, coin_out = coins
    moved_in = {(move.token, move.value) for move in movements if move.into_pool}
    moved_out = {(move.token, move.value) for move in movements if not move.into_pool}
    assert coin_in != coin_out
    assert coin_in in {token for token, _ in moved_in}
    assert coin_out in {token for token, _ in moved_out}
    assert (coin_in, 1) in moved_in or (coin_out, 2) in moved_out


@pytest.mark.parametrize(
    ("movements", "coins"),
    [
        ([("A", True, 1), ("B", False, 2)], ("A", "B")),
        ([("A", True, 1), ("B", False, 9)], ("A", "B")),
        ([("A", True, 9), ("B", False, 2)], ("A", "B")),
        ([("A", True, 9), ("B", False, 9)], None),
        ([("A", True, 1)], None),
        ([("A", True, 1), ("C", True, 1), ("B", False, 2)], None),
        ([("A", True, 1), ("B", True, 1), ("B", False, 2)], ("A", "B")),
        ([("A", True, 1), ("B", False, 8), ("C", False, 9)], None),
        ([("A", True, 1), ("A", False, 2)], None),
        ([], None),
    ],
)
def test_examples_of_told_coins(movements: list[tuple[str, bool, int]], coins: tuple[str, str] | None) -> None:
    """Exact amounts tell; one exact amount and one other token tell; anything else does not."""
    swap = PoolSwap(pool=POOL, kind=V2, amount_in=1, amount_out=2)
    assert (
        infer_coins(swap, [Movement(token, into_pool=inward, value=value) for token, inward, value in movements])
        == coins
    )
