"""Report the progress of long work to a listener, if any: a command line or a job's log.

Work reports, and does not know its listener, so that no function on the way passes one on. ::

    with progress_to(lambda step: print(step.work, step.done, step.total)):
        await migrate(...)
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class ProgressStep:
    """The progress of a piece of work: ``done`` of ``total`` units (None: the total is not known yet)."""

    work: str
    done: int
    total: int | None


Listener = Callable[[ProgressStep], None]
_LISTENER: Final[ContextVar[Listener | None]] = ContextVar("progress_listener", default=None)


@contextmanager
def progress_to(listener: Listener) -> Iterator[None]:
    """Call the listener for each step that is reported within the context, and in tasks that begin there."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report_progress(work: str, done: int, total: int | None = None) -> None:
    """Report a step to the listener, if any; ``work`` names the work in the imperative: ``migrate``, ``export``."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(ProgressStep(work, done, total))


def track(work: str, items: Iterable[T], total: int | None = None) -> Iterator[T]:
    """Yield the items, and report each as done when the next one is asked for."""
    done = 0
    report_progress(work, done, total)
    for item in items:
        yield item
        done += 1
        report_progress(work, done, total)
