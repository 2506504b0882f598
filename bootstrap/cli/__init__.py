"""The command line: ``strongroom demo``, ``migrate``, ``status``, ``import`` and ``portfolio``."""

import signal
import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line and exit with its code; being terminated is an exit too, which stops an embedded server."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        from .app import app

        app(prog_name="strongroom")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
