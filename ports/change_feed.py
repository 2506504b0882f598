"""Changes as they happen: what was committed by whoever it was, told to those who subscribed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from attrs import frozen

DEFAULT_CAPACITY: Final = 100_000
"""How many changes wait for a subscriber that does not read them."""


@frozen
class MessageAdded:
    """A message was added to a chat."""

    chat_id: UUID
    message_id: UUID


@frozen
class PositionValued:
    """A position got a valuation, of a time (in UTC)."""

    position_id: UUID
    at: datetime


@frozen
class MayHaveMissed:
    """Changes may have been lost: whoever needs all of them reads what is stored again."""


RowChange: TypeAlias = MessageAdded | PositionValued
Change: TypeAlias = RowChange | MayHaveMissed


class ChangeFeed(Protocol):
    """Tells of rows that were added: by any repository, any service, and the frontend."""

    def subscribe(
        self, *kinds: type[RowChange], capacity: int = DEFAULT_CAPACITY
    ) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Subscribe for the length of a context to changes of some kinds (to all, where none is named).

        What is committed within the context is told, in the order of the commits, and of one transaction in the order
        in which its rows were inserted; what is rolled back, with its savepoint or as a whole, never is. What is told
        can be read. A row that is replaced is no new one; a row that is inserted, removed and inserted again is told
        twice. The iterator waits for the next change, and ends when the storage is closed.

        MayHaveMissed comes, whatever the kinds, after the way to the store was lost and found again (while it cannot
        be found, once before), within 45 seconds of the loss, and in place of all that waits once more than
        ``capacity`` changes do. Raises StorageUnavailable if the store cannot be reached at first, StorageClosed, and
        ValueError for a capacity of less than 1.
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
        """Put a change at the end of those that wait; MayHaveMissed takes the place of all where they are too many."""
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
        """Let the iterator end after what waits already."""
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
    """Everybody who is subscribed to one feed."""

    def __init__(self) -> None:
        self._subscriptions: list[ChangeSubscription] = []

    def __bool__(self) -> bool:
        """Say whether there is anybody."""
        return bool(self._subscriptions)

    def add(self, subscription: ChangeSubscription) -> None:
        """Tell a subscriber too, from now on."""
        self._subscriptions.append(subscription)

    def remove(self, subscription: ChangeSubscription) -> None:
        """Tell a subscriber nothing more."""
        self._subscriptions.remove(subscription)

    def publish(self, change: Change) -> None:
        """Tell everybody of a change."""
        for subscription in self._subscriptions:
            subscription.offer(change)

    def end(self) -> None:
        """Tell everybody that nothing more will come."""
        for subscription in self._subscriptions:
            subscription.end()
