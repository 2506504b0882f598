"""Time and identity as ports: adapters take them from outside, so that tests are deterministic."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import uuid_utils.compat
from attrs import define, field

from strongroom.domain.values.instants import as_utc


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present time, aware, in UTC."""
        ...


class IdSource(Protocol):
    """Makes identities."""

    def next(self) -> UUID:
        """Return a UUID never given before; those made later sort after those made earlier."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Uuid7Source:
    """UUIDv7 of the machine's clock (RFC 9562, section 5.7)."""

    def next(self) -> UUID:
        return uuid_utils.compat.uuid7()


@define
class FixedClock:
    """A clock that stands still until it is set: for tests and for deterministic samples."""

    time: datetime = field(converter=as_utc)

    def now(self) -> datetime:
        return self.time


@define
class SequentialIds:
    """UUIDs of version 7 counted up from a fixed start: for tests and for deterministic samples."""

    count: int = field(default=0)

    def next(self) -> UUID:
        self.count += 1
        return UUID(int=(self.count << 80) | (7 << 76) | (2 << 62) | self.count)
