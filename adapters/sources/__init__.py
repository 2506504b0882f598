"""Files that indexers and other tools produce, read with bounded memory and imported into storage.

Each name is imported when it is first asked for: a command pays for the files that it reads, and for no others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from strongroom.ports.use_cases.export_report import ExportedFile, ExportRefused
    from strongroom.ports.use_cases.import_chain_facts import TokenFact
    from strongroom.ports.use_cases.import_report import ImportRefused, ImportReport

    from .balance_files import assert_balance_file
    from .chains import KNOWN_CHAINS
    from .entity_exports import export_all, export_entity
    from .entity_files import table_for
    from .entity_imports import import_entity_file, import_folder
    from .formats import Format
    from .imports import (
        import_defillama_prices,
        import_defillama_yields,
        import_ethereum_etl,
        import_prices,
        import_token_list,
        import_uniswap_v3_minutes,
    )
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
    "assert_balance_file",
    "export_all",
    "export_entity",
    "import_defillama_prices",
    "import_defillama_yields",
    "import_entity_file",
    "import_ethereum_etl",
    "import_folder",
    "import_prices",
    "import_token_list",
    "import_uniswap_v3_minutes",
    "table_for",
]

_HOMES: Final = {
    "strongroom.ports.use_cases.export_report": ("ExportedFile", "ExportRefused"),
    "strongroom.ports.use_cases.import_chain_facts": ("TokenFact",),
    "strongroom.ports.use_cases.import_report": ("ImportRefused", "ImportReport"),
    f"{__name__}.chains": ("KNOWN_CHAINS",),
    f"{__name__}.entity_exports": ("export_all", "export_entity"),
    f"{__name__}.entity_files": ("table_for",),
    f"{__name__}.entity_imports": ("import_entity_file", "import_folder"),
    f"{__name__}.formats": ("Format",),
    f"{__name__}.balance_files": ("assert_balance_file",),
    f"{__name__}.imports": (
        "import_defillama_prices",
        "import_defillama_yields",
        "import_ethereum_etl",
        "import_prices",
        "import_token_list",
        "import_uniswap_v3_minutes",
    ),
    f"{__name__}.lines": ("OnProgress", "Progress"),
    f"{__name__}.uniswap_minutes": ("POLYGON_USDC_WETH", "MinutePool"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value
