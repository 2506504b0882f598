"""Decodes the Swap logs of Uniswap v2 pairs and v3 pools.

Sources: UniswapV2Pair.sol (``Swap(address indexed sender, uint amount0In, uint amount1In, uint amount0Out, uint
amount1Out, address indexed to)``) and IUniswapV3PoolEvents.sol (``Swap(address indexed sender, address indexed
recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)``).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from strongroom.domain.positions.pool import PoolKind

TRANSFER_TOPIC: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak256 of ``Transfer(address,address,uint256)``, which ERC-20 and ERC-721 share."""
V2_SWAP_TOPIC: Final = "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"
V3_SWAP_TOPIC: Final = "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67"
SWAP_TOPICS: Final = (V2_SWAP_TOPIC, V3_SWAP_TOPIC)
ERC721_TOPICS: Final = 4
"""ERC-721 indexes the token's id, too; ERC-20's Transfer has three topics."""
_WORD: Final = 64
_SWAP_TOPICS_COUNT: Final = 3
_WORDS: Final = {V2_SWAP_TOPIC: 4, V3_SWAP_TOPIC: 5}
_DATA: Final = re.compile(r"0x[0-9a-fA-F]*")


@frozen(kw_only=True)
class PoolSwap:
    """So many raw units that went into a pool and came out of it; which coins they are the log does not say."""

    pool: str
    kind: PoolKind
    amount_in: int
    amount_out: int


@frozen
class Movement:
    """A transfer of a token into a pool, or out of it, in raw units."""

    token: str
    into_pool: bool
    value: int


def decode_swap(pool: str, topics: Sequence[str], data: str) -> PoolSwap | None:
    """Return the swap that a log with one of SWAP_TOPICS tells, or None for one that is no plain exchange.

    That is a log of another shape, one in which a coin went both ways (a flash swap, as v2 allows), or nothing came
    out or went in.
    """
    if len(topics) != _SWAP_TOPICS_COUNT or not _DATA.fullmatch(data) or len(data) != 2 + _WORDS[topics[0]] * _WORD:
        return None
    words = [int(data[start : start + _WORD], 16) for start in range(2, len(data), _WORD)]
    if topics[0] == V2_SWAP_TOPIC:
        kind = PoolKind.UNISWAP_V2
        amount0_in, amount1_in, amount0_out, amount1_out = words
    else:
        kind = PoolKind.UNISWAP_V3
        amount0, amount1 = (_signed(word) for word in words[:2])
        amount0_in, amount1_in, amount0_out, amount1_out = (
            max(amount0, 0),
            max(amount1, 0),
            max(-amount0, 0),
            max(-amount1, 0),
        )
    if amount0_in and amount1_out and not (amount1_in or amount0_out):
        return PoolSwap(pool=pool, kind=kind, amount_in=amount0_in, amount_out=amount1_out)
    if amount1_in and amount0_out and not (amount0_in or amount1_out):
        return PoolSwap(pool=pool, kind=kind, amount_in=amount1_in, amount_out=amount0_out)
    return None


def infer_coins(swap: PoolSwap, movements: Iterable[Movement]) -> tuple[str, str] | None:
    """Return the tokens that a swap took in and gave out, told by the transfers at its pool; None where they do not.

    A transfer of exactly the amount tells the token. Tokens that take a fee of every transfer, or report less than
    leaves the pool, show another amount: since a pool has two tokens only, one of them is told by being the only other
    one that moved in its direction, if the first is told exactly.
    """
    moved_in: set[str] = set()
    moved_out: set[str] = set()
    exactly_in: set[str] = set()
    exactly_out: set[str] = set()
    for movement in movements:
        moved, exactly, amount = (
            (moved_in, exactly_in, swap.amount_in) if movement.into_pool else (moved_out, exactly_out, swap.amount_out)
        )
        moved.add(movement.token)
        if movement.value == amount:
            exactly.add(movement.token)
    if not exactly_in and not exactly_out:
        return None
    ins, outs = exactly_in or moved_in, exactly_out or moved_out
    if len(ins) == 1:
        outs = outs - ins
    elif len(outs) == 1:
        ins = ins - outs
    if len(ins) != 1 or len(outs) != 1:
        return None
    (coin_in,), (coin_out,) = ins, outs
    return None if coin_in == coin_out else (coin_in, coin_out)


def _signed(word: int) -> int:
    """Return a 256-bit word as two's complement."""
    return word - 2**256 if word >> 255 else word
