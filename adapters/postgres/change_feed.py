"""Changes as PostgreSQL tells them: LISTEN on a connection of the feed's own, kept up while anybody is subscribed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from strongroom.ports.backoff import backoff_seconds
from strongroom.ports.change_feed import (
    DEFAULT_CAPACITY,
    Change,
    ChangeFeed,
    ChangeSubscription,
    MayHaveMissed,
    RowChange,
    Subscribers,
)
from strongroom.ports.errors import StorageClosed
from strongroom.ports.stats import FeedState

from .listener import Listener, open_listener
from .settings import PostgresSettings

PING_SECONDS: Final = 20.0
"""How long the connection is left alone before it is asked whether it is still there.

With PING_TIMEOUT_SECONDS for the answer and as much for a new connection, a gap is told within 45 seconds.
"""
SETTLE_PAUSE_SECONDS: Final = 0.5
"""How often it is looked whether transactions have ended that began before anybody listened."""
MIN_RETRY_DELAY_SECONDS: Final = 0.05
MAX_RETRY_DELAY_SECONDS: Final = 30.0
"""The pauses before a lost connection is opened again: each at most twice the last, and jittered."""

_logger: Final = logging.getLogger(__name__)


class PostgresChangeFeed(ChangeFeed):
    """A feed over one connection, which goes past any pooler and is open while there are subscribers."""

    def __init__(self, settings: PostgresSettings, *, ping_seconds: float = PING_SECONDS) -> None:
        self._settings = settings
        self._ping_seconds = ping_seconds
        self._subscribers = Subscribers()
        self._turn = asyncio.Lock()
        self._line: Listener | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False

    def subscribe(
        self, *kinds: type[RowChange], capacity: int = DEFAULT_CAPACITY
    ) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Subscribe for the length of a context."""
        return self._subscribed(ChangeSubscription(kinds, capacity))

    @property
    def state(self) -> FeedState:
        """Whether it listens."""
        if self._keeper is None:
            return "off"
        return "lost" if self._line is None or self._line.lost.is_set() else "listening"

    async def close(self) -> None:
        """End all subscriptions and close the connection; closing twice is closing once."""
        self._closed = True
        async with self._turn:
            self._subscribers.end()
            await self._stop()

    @asynccontextmanager
    async def _subscribed(self, subscription: ChangeSubscription) -> AsyncIterator[AsyncIterator[Change]]:
        async with self._turn:
            await self._start()
            self._subscribers.add(subscription)
            if self._line is not None and not self._line.is_settled:
                subscription.offer(MayHaveMissed())
        try:
            yield subscription
        finally:
            self._subscribers.remove(subscription)
            async with self._turn:
                if not self._subscribers:
                    await self._stop()

    async def _start(self) -> None:
        """Listen, and have all heard that was committed before. Raises StorageUnavailable, StorageClosed."""
        if self._closed:
            message = "the storage was closed"
            raise StorageClosed(message)
        if self._keeper is None:
            self._line = await open_listener(self._settings, self._subscribers.publish)
            self._keeper = asyncio.get_running_loop().create_task(self._keep(self._line))
        elif self._line is not None:
            await self._line.ping()

    async def _stop(self) -> None:
        """Stop listening."""
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        keeper.cancel()
        try:
            await asyncio.wait([keeper])
        finally:
            line, self._line = self._line, None
            if line is not None:
                await line.close()

    async def _keep(self, line: Listener) -> None:
        """Keep listening: a line that is lost is opened again, and everybody is told that there was a gap."""
        while True:
            await self._lost(line)
            self._line = None
            line = self._line = await self._opened_again()
            self._subscribers.publish(MayHaveMissed())

    async def _lost(self, line: Listener) -> None:
        """Return once a line is lost; one that is silent is asked whether it is still there."""
        while not line.lost.is_set():
            is_settled = line.is_settled
            try:
                async with asyncio.timeout(self._ping_seconds if is_settled else SETTLE_PAUSE_SECONDS):
                    await line.lost.wait()
            except TimeoutError:
                await line.ping()
                if not is_settled and await self._settle(line):
                    self._subscribers.publish(MayHaveMissed())

    async def _settle(self, line: Listener) -> bool:
        """Look whether all is heard from now on; a line that is lost says nothing."""
        try:
            return await line.settle()
        except Exception:  # noqa: BLE001 - the line is lost, or will be found to be
            return False

    async def _opened_again(self) -> Listener:
        """Open another line, however long it takes; after a first attempt in vain everybody is told of the gap."""
        attempt = 0
        while True:
            await asyncio.sleep(
                backoff_seconds(attempt, first=MIN_RETRY_DELAY_SECONDS, maximum=MAX_RETRY_DELAY_SECONDS)
            )
            try:
                line = await open_listener(self._settings, self._subscribers.publish)
            except Exception as error:  # noqa: BLE001 - nobody else would hear of it, and the next attempt may succeed
                _logger.warning("changes are not heard until the database can be reached again: %s", error)
                if not attempt:
                    self._subscribers.publish(MayHaveMissed())
            else:
                return line
            attempt += 1
