"""The command line: ``strongroom demo``, ``migrate``, ``status``, ``import`` and ``portfolio``."""

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from .app import app

    app(prog_name="strongroom")
