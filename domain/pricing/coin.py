"""The coins that the platform knows."""

from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import ChainAddress, CoinDecimals, Count64, checked


class CoinStandard(Enum):
    """The token standards that a coin may follow."""

    NATIVE = "native"
    ERC20 = "erc20"
    ERC721 = "erc721"
    SPL = "spl"


@frozen(kw_only=True, field_transformer=checked)
class Coin:
    """A coin on a chain; the chain's native coin has the zero address.

    One whole coin is ``10 ** decimals`` raw units.
    """

    id: UUID
    chain_id: Count64
    address: ChainAddress
    standard: CoinStandard
    symbol: str
    name: str
    decimals: CoinDecimals
    coingecko_id: str | None = None
    logo_url: str | None = None
    is_stable: bool = False
    is_verified: bool = False
