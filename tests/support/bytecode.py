"""Keeps the bytecode of tests, assertions rewritten, and of the programs that they start: imported before all else.

Compiling costs each worker and each program seconds. If Python was told to write no bytecode beside the sources, it
goes to the project's build folder instead.
"""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "build" / "bytecode"

if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(FOLDER)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
