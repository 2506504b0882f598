"""Files that indexers and other tools produce, read with bounded memory and imported into storage."""

from strongroom.ports.use_cases.export_report import ExportedFile, ExportRefused
from strongroom.ports.use_cases.import_chain_facts import TokenFact
from strongroom.ports.use_cases.import_report import ImportRefused, ImportReport

from .chains import KNOWN_CHAINS
from .entity_exports import export_all, export_entity
from .entity_files import table_for
from .entity_imports import import_entity_file, import_folder
from .formats import Format
from .imports import import_ethereum_etl, import_prices, import_uniswap_v3_minutes
from .lines import OnProgress, Progress
from .uniswap_minutes import POLYGON_USDC_WETH, MinutePool

__all__ = [
    "KNOWN_CHAINS",
    "POLYGON_USDC_WETH",
    "ExportRefused",
    "ExportedFile",
    "Format",
    "ImportRefused",
    "ImportReport",
    "MinutePool",
    "OnProgress",
    "Progress",
    "TokenFact",
    "export_all",
    "export_entity",
    "import_entity_file",
    "import_ethereum_etl",
    "import_folder",
    "import_prices",
    "import_uniswap_v3_minutes",
    "table_for",
]
