"""A connection that listens for announcements, and what their payloads say."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import asyncpg

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.ports.change_feed import Change, MayHaveMissed
from strongroom.ports.errors import StorageUnavailable

from .connection import connect
from .driver import abort
from .errors import raise_translated
from .settings import PostgresSettings

CHANNEL: Final = "strongroom_changes"
PING_PATIENCE_SECONDS: Final = 10.0
"""How long an answer to a ping is waited for, if a new connection may not take less."""


class Listener:
    """A connection that listens; made by ``open_listener``."""

    def __init__(self, connection: "asyncpg.Connection[Any]", timeout: float) -> None:
        self.lost = asyncio.Event()
        self._connection = connection
        self._timeout = timeout
        self._turn = asyncio.Lock()
        connection.add_termination_listener(lambda _connection: self.lost.set())

    async def ping(self) -> None:
        """Make one round trip, after which all is heard that was committed before; the line is lost where it fails."""
        try:
            async with asyncio.timeout(self._timeout), self._turn:
                await self._connection.execute("SELECT 1")
        except Exception:  # noqa: BLE001 - whatever asyncpg stumbles over, the line is of no more use
            abort(self._connection)
            self.lost.set()

    async def close(self) -> None:
        """Close the connection; closing twice is closing once."""
        await self._connection.close()


async def open_listener(settings: PostgresSettings, hear: Callable[[Change], None]) -> Listener:
    """Open a connection and listen: what is announced from now on is heard. Raises StorageUnavailable."""
    if settings.is_pooled and settings.direct_url is None:
        message = "changes cannot be told through a transaction pooler: set direct_url, an address that goes past it"
        raise StorageUnavailable(message)

    def hear_all(_connection: Any, _process: int, _channel: str, payload: Any) -> None:
        for change in parse_payload(payload):
            hear(change)

    connection = await connect(
        settings.unpooled_url,
        timeout=settings.connect_timeout,
        server_settings={"application_name": settings.application_name, "idle_session_timeout": "0"},
    )
    try:
        await connection.add_listener(CHANNEL, hear_all)
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        connection.terminate()
        raise_translated(error, None)
    except BaseException:
        connection.terminate()
        raise
    return Listener(connection, min(settings.connect_timeout, PING_PATIENCE_SECONDS))


def parse_payload(payload: str) -> list[Change]:
    """Return what a payload tells; what cannot be read counts as lost, and a table that is not known tells nothing."""
    try:
        told = json.loads(payload)
        announcement = ANNOUNCEMENTS.get(told["table"])
        return [announcement.from_texts(texts) for texts in told["rows"]] if announcement else []
    except Exception:  # noqa: BLE001 - whoever may connect may send anything over the channel
        return [MayHaveMissed()]
