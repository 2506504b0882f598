"""Chromium, if the machine has it and playwright is installed: the page's tests look at it there."""

import shutil
from importlib.util import find_spec
from typing import Final

_FOUND: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM: Final = _FOUND if find_spec("playwright") else None
MISSING: Final = "no chromium" if _FOUND is None else "no playwright (uv sync --group browser)"
