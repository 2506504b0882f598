"""Who holds which connection, how long callers waited, and what was raised: counted as it happens."""

import asyncio
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from strongroom.ports.errors import StorageError

SAMPLES: Final = 1000
MAX_HOLDERS_SHOWN: Final = 3


class PoolMeter:
    """Counts for one pool; its calls cost far less than the round trip that each goes with."""

    def __init__(self) -> None:
        self.acquired = 0
        self.statements = 0
        self.waiting = 0
        self.errors: Counter[str] = Counter()
        self._waits: deque[float] = deque(maxlen=SAMPLES)
        self._holders: dict[Any, tuple[float, asyncio.Task[Any] | None, str]] = {}

    def note_acquired(self, connection: Any, loop: asyncio.AbstractEventLoop, waited: float) -> None:
        """Note who has a connection from now on, in debug mode also from where, and how long it was waited for."""
        self.acquired += 1
        self._waits.append(waited)
        where = _caller() if loop.get_debug() else ""
        self._holders[connection] = (loop.time(), asyncio.current_task(loop), where)

    def note_released(self, connection: Any) -> None:
        """Note that a connection was given back."""
        self._holders.pop(connection, None)

    def note_error(self, error: BaseException) -> None:
        """Count an error, if it is the storage's."""
        if isinstance(error, StorageError):
            self.errors[type(error).__name__] += 1

    @contextmanager
    def counting_errors(self) -> Iterator[None]:
        """Count the storage's error that ends a context."""
        try:
            yield
        except StorageError as error:
            self.note_error(error)
            raise

    @property
    def in_use(self) -> int:
        """How many connections are held."""
        return len(self._holders)

    def wait_quantile(self, part: float) -> float:
        """Return the time within which that part of the last acquisitions got a connection, in seconds."""
        ordered = sorted(self._waits)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0

    def longest_holders(self, now: float) -> str:
        """Describe the tasks that have held a connection for longest."""
        held = sorted(self._holders.values(), key=lambda holder: holder[0])[:MAX_HOLDERS_SHOWN]
        return ", ".join(
            f"{task.get_name() if task else 'a callback'} for {now - since:.1f} s{where}" for since, task, where in held
        )


def _caller() -> str:
    """Return the innermost line of the stack that is not strongroom's own."""
    for frame in reversed(traceback.extract_stack()):
        if "strongroom" not in frame.filename and "contextlib" not in frame.filename:
            return f" (from {frame.filename}:{frame.lineno})"
    return ""
