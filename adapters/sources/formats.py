"""The forms in which entities are exported, and imported again."""

from enum import Enum
from typing import Final

MANIFEST: Final = "manifest.json"
"""The file of an exported folder that names the others."""


class Format(Enum):
    """How entities are written."""

    JSONL = "jsonl"
    CSV = "csv"
