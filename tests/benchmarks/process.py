"""How a benchmark's process runs: on uvloop where there is one, and in such a way that its server is stopped."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_here(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine and return its result; being terminated is an exit too, which stops the server."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
