"""The EVM chains that can be imported without being described first."""

from typing import Final

from strongroom.domain.protocols.chain import Chain
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.use_cases.import_chain_facts import ImportedChain, NativeCoin


def _evm(  # noqa: PLR0913 - one row of a table
    chain_id: int, name: str, symbol: str, coin: str, explorer: str, finality_depth: int
) -> ImportedChain:
    chain = Chain(
        id=chain_id,
        family=ChainFamily.EVM,
        name=name,
        native_symbol=symbol,
        explorer_url=explorer,
        finality_depth=finality_depth,
    )
    return ImportedChain(chain, NativeCoin(coin))


ETHEREUM: Final = _evm(1, "Ethereum", "ETH", "Ether", "https://etherscan.io", 64)
POLYGON: Final = _evm(137, "Polygon", "POL", "Polygon Ecosystem Token", "https://polygonscan.com", 256)
BASE: Final = _evm(8453, "Base", "ETH", "Ether", "https://basescan.org", 64)
KNOWN_CHAINS: Final = {known.chain.id: known for known in (ETHEREUM, POLYGON, BASE)}
