"""Changes as the twin tells them: each commit, of the rows that it added."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from strongroom.ports.change_feed import (
    DEFAULT_CAPACITY,
    Change,
    ChangeFeed,
    ChangeSubscription,
    RowChange,
    Subscribers,
)


class MemoryChangeFeed(ChangeFeed):
    """A feed over what the units of a database tell its subscribers."""

    def __init__(self, subscribers: Subscribers, require_open: Callable[[], None]) -> None:
        self._subscribers = subscribers
        self._require_open = require_open

    def subscribe(
        self, *kinds: type[RowChange], capacity: int = DEFAULT_CAPACITY
    ) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Subscribe for the length of a context."""
        return self._subscribed(ChangeSubscription(kinds, capacity))

    @asynccontextmanager
    async def _subscribed(self, subscription: ChangeSubscription) -> AsyncIterator[AsyncIterator[Change]]:
        self._require_open()
        self._subscribers.add(subscription)
        try:
            yield subscription
        finally:
            self._subscribers.remove(subscription)
