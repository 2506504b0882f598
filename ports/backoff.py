"""Compute the delay before a retry: doubling, bounded and jittered."""

import random


def backoff_seconds(attempt: int, *, first: float = 0.01, maximum: float = 0.25) -> float:
    """Return how long to wait before a retry, in seconds: between half and all of ``first * 2**attempt``.

    Attempts count from 0, and no wait is longer than ``maximum``. The jitter keeps two who collided from colliding
    again.
    """
    longest = min(maximum, first * float(2 ** min(attempt, 32)))
    return random.uniform(longest / 2, longest)  # noqa: S311 - jitter, not a secret
