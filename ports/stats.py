"""Define a storage's statistics for dashboards and alerts."""

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

FeedState = Literal["off", "listening", "lost"]


@frozen(kw_only=True)
class StorageStats:
    """The statistics of one storage since it was opened; times are in seconds.

    The twin has no connections.
    ``waiting`` are the callers that wait for a connection now. The quantiles are of the time that the last thousand
    acquisitions waited. ``errors`` counts what was raised, by the name of its class. ``feed`` is "off" while nobody
    is subscribed, and "lost" while the connection of the change feed is being opened again.
    """

    max_connections: int = 0
    open_connections: int = 0
    in_use: int = 0
    waiting: int = 0
    acquired: int = 0
    wait_p50: float = 0.0
    wait_p99: float = 0.0
    statements: int = 0
    retries: int = 0
    errors: Mapping[str, int] = {}
    feed: FeedState = "off"
