"""Files that indexers and other tools produce, read with bounded memory and imported into storage."""

from strongroom.ports.use_cases.import_chain_facts import TokenFact
from strongroom.ports.use_cases.import_report import ImportRefused, ImportReport

from .chains import KNOWN_CHAINS
from .imports import import_ethereum_etl, import_jsonl, import_prices, import_uniswap_v3_minutes
from .lines import OnProgress, Progress
from .uniswap_minutes import POLYGON_USDC_WETH, MinutePool

__all__ = [
    "KNOWN_CHAINS",
    "POLYGON_USDC_WETH",
    "ImportRefused",
    "ImportReport",
    "MinutePool",
    "OnProgress",
    "Progress",
    "TokenFact",
    "import_ethereum_etl",
    "import_jsonl",
    "import_prices",
    "import_uniswap_v3_minutes",
]
