"""The forms in which entities are exported, and imported again."""

import os
from enum import Enum
from functools import partial
from pathlib import Path
from typing import IO, Final

MANIFEST: Final = "manifest.json"
"""The file of an exported folder that names the others."""


class Format(Enum):
    """How entities are written."""

    JSONL = "jsonl"
    CSV = "csv"


def open_private(path: Path) -> IO[bytes]:
    """Open a file for writing; if it is new, only its owner may read it, since rows hold e-mail addresses and messages.

    Raises OSError.
    """
    return open(path, "wb", opener=partial(os.open, mode=0o600))
