"""Define the change feed: committed changes, delivered to subscribers as they happen."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from attrs import frozen

DEFAULT_CAPACITY: Final = 100_000
"""The number of changes that wait for a subscriber that does not read them."""


@frozen
class MessageAdded:
    """A message was added to a chat."""

    chat_id: UUID
    message_id: UUID


@frozen
class PositionValued:
    """A position got a valuation at a time (in UTC)."""

    position_id: UUID
    at: datetime


@frozen
class MayHaveMissed:
    """Changes may have been lost: a subscriber that needs all of them has to read the stored rows again."""


RowChange: TypeAlias = MessageAdded | PositionValued
Change: TypeAlias = RowChange | MayHaveMissed


class ChangeFeed(Protocol):
    """Publish added rows, whether a repository, another service or the frontend inserted them."""

    def subscribe(
        self, *kinds: type[RowChange], capacity: int = DEFAULT_CAPACITY
    ) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Subscribe to changes of the given kinds (all kinds if none is given) until the context exits.

        The iterator yields the changes that are committed within the context in commit order, and those of one
        transaction in the order of their inserts. It never yields a change that was rolled back, and each row can be
        read by the time its change is yielded. A replaced row is not a change; a row that is inserted, removed and
        inserted again is yielded twice. The iterator waits for the next change, and ends when the storage is closed.

        MayHaveMissed is yielded, whatever the kinds, within 45 seconds of a lost connection: after the reconnection,
        and once before if the store cannot be reached meanwhile. It also replaces all waiting changes once they
        are more than ``capacity``. Raises StorageUnavailable if the store cannot be reached at first, StorageClosed,
        and ValueError for a capacity of less than 1.
        """
        ...


class ChangeSubscription(AsyncIterator[Change]):
    """The changes that wait for one subscriber."""

    def __init__(self, kinds: tuple[type[RowChange], ...], capacity: int) -> None:
        if capacity < 1:
            message = f"the capacity of a subscription must be at least 1, not {capacity}"
            raise ValueError(message)
        self._kinds = (*kinds, MayHaveMissed) if kinds else (Change,)
        self._capacity = capacity
        self._waiting: deque[Change] = deque()
        self._news = asyncio.Event()
        self._ended = False

    def offer(self, change: Change) -> None:
        """Append a change to the waiting changes; replace them all by MayHaveMissed if they are too many."""
        if not isinstance(change, self._kinds):
            return
        if isinstance(change, MayHaveMissed) and self._waiting and isinstance(self._waiting[-1], MayHaveMissed):
            return
        if len(self._waiting) >= self._capacity:
            self._waiting.clear()
            change = MayHaveMissed()
        self._waiting.append(change)
        self._news.set()

    def end(self) -> None:
        """End the iterator after the changes that are already waiting."""
        self._ended = True
        self._news.set()

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()


class Subscribers:
    """The subscriptions of one feed."""

    def __init__(self) -> None:
        self._subscriptions: list[ChangeSubscription] = []

    def __bool__(self) -> bool:
        """Return whether anything is subscribed."""
        return bool(self._subscriptions)

    def add(self, subscription: ChangeSubscription) -> None:
        """Add a subscription: it gets the changes from now on."""
        self._subscriptions.append(subscription)

    def remove(self, subscription: ChangeSubscription) -> None:
        """Remove a subscription: it gets no more changes."""
        self._subscriptions.remove(subscription)

    def publish(self, change: Change) -> None:
        """Offer a change to every subscription."""
        for subscription in self._subscriptions:
            subscription.offer(change)

    def end(self) -> None:
        """End every subscription."""
        for subscription in self._subscriptions:
            subscription.end()
