"""The command line: ``strongroom demo``, ``migrate``, ``status``, ``import`` and ``portfolio``."""

import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper


def main() -> None:
    """Run the command line and exit with its code; being terminated is an exit too, which stops an embedded server."""
    _open_standard_streams()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        try:
            from .app import app

            app(prog_name="strongroom")
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        from .outcome import report_after_output

        sys.exit(report_after_output(error, as_json="--json" in sys.argv, debug="--debug" in sys.argv))


def _open_standard_streams() -> None:
    """Make the standard streams usable, whatever they are.

    A closed stream is opened on the null device: its number would go to the next socket otherwise. Characters that an
    encoding lacks are replaced.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            with suppress(OSError):
                stream.reconfigure(errors="replace")
