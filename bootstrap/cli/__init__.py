"""The command line: ``strongroom demo``, ``migrate``, ``status``, ``import`` and ``portfolio``."""

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    from .app import app

    app(prog_name="strongroom")
