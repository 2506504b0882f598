"""The chains that the platform reads."""

from typing import Final

from attrs import frozen

from ..values.address import ChainFamily
from ..values.fields import Count32, Count64, checked

SOLANA_MAINNET: Final = 900001
"""The chain id of Solana mainnet here: Solana has none, and no EVM chain is registered under this number."""


@frozen(kw_only=True, field_transformer=checked)
class Chain:
    """A chain, by its EVM chain id (Solana mainnet: SOLANA_MAINNET).

    A block is final ``finality_depth`` blocks below the head.
    """

    id: Count64
    family: ChainFamily
    name: str
    native_symbol: str
    explorer_url: str | None = None
    finality_depth: Count32
    is_active: bool = True
