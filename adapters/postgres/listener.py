"""A connection that listens for announcements, and what their payloads say."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import asyncpg

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.names import OWN_SCHEMA
from strongroom.ports.backoff import backoff_seconds
from strongroom.ports.change_feed import Change, MayHaveMissed
from strongroom.ports.errors import StorageUnavailable

from .connection import connect
from .driver import abort
from .errors import raise_translated
from .locks import LISTENER_KEY
from .settings import PostgresSettings

CHANNEL: Final = "strongroom_changes"
PING_TIMEOUT_SECONDS: Final = 10.0
"""How long an answer to a ping is waited for, if a new connection may not take less."""
SETTLE_SECONDS: Final = 2.0
"""How long a new listener waits for transactions that began before it; then its subscribers are told of a gap."""
_TRY_LOCK: Final = "SELECT pg_catalog.pg_try_advisory_lock_shared($1)"
_OPEN_WRITERS: Final = """
    SELECT ARRAY(SELECT DISTINCT virtualtransaction FROM pg_catalog.pg_locks
        JOIN pg_catalog.pg_class ON pg_class.oid = relation
        WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
            AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
            AND relname = ANY ($1::pg_catalog.text[]) AND relnamespace = $2::pg_catalog.text::pg_catalog.regnamespace)
"""
"""Whoever writes holds this lock on the table until the transaction ends, and every role may see it."""


class Listener:
    """A connection that listens; made by ``open_listener``."""

    def __init__(self, connection: "asyncpg.Connection[Any]", timeout: float) -> None:
        self.lost = asyncio.Event()
        self._connection = connection
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._unheard: frozenset[str] = frozenset()
        """The transactions that may have written before anybody listened, and are still open."""
        connection.add_termination_listener(lambda _connection: self.lost.set())

    async def ping(self) -> None:
        """Make one round trip, after which all is heard that was committed before; the line is lost where it fails."""
        try:
            async with asyncio.timeout(self._timeout), self._turn:
                await self._connection.execute("SELECT 1")
        except Exception:  # noqa: BLE001 - whatever asyncpg stumbles over, the line is of no more use
            abort(self._connection)
            self.lost.set()

    @property
    def is_settled(self) -> bool:
        """Whether all is heard: no transaction is open any more whose writes found nobody listening."""
        return not self._unheard

    async def register(self) -> None:
        """Have the triggers announce from now on, and wait for a while until all that did not has ended."""
        while not await self._connection.fetchval(_TRY_LOCK, LISTENER_KEY):  # noqa: ASYNC110 - a trigger tries it, too
            await asyncio.sleep(0.001)
        self._unheard = await self._open_writers()
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        attempt = 0
        while not self.is_settled and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(backoff_seconds(attempt, first=0.002, maximum=0.1))
            await self.settle()
            attempt += 1

    async def settle(self) -> bool:
        """Look whether what found nobody listening has ended, and return that."""
        if self._unheard:
            async with asyncio.timeout(self._timeout), self._turn:
                self._unheard &= await self._open_writers()
        return self.is_settled

    async def _open_writers(self) -> frozenset[str]:
        """Return the transactions that are open and have written to a table that announces."""
        return frozenset(await self._connection.fetchval(_OPEN_WRITERS, list(ANNOUNCEMENTS), OWN_SCHEMA))

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
    listener = Listener(connection, min(settings.connect_timeout, PING_TIMEOUT_SECONDS))
    try:
        async with asyncio.timeout(settings.connect_timeout + SETTLE_SECONDS):
            await connection.add_listener(CHANNEL, hear_all)
            await listener.register()
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        connection.terminate()
        raise_translated(error, None)
    except BaseException:
        connection.terminate()
        raise
    return listener


def parse_payload(payload: str) -> list[Change]:
    """Return what a payload tells; what cannot be read counts as lost, and a table that is not known tells nothing."""
    try:
        told = json.loads(payload)
        announcement = ANNOUNCEMENTS.get(told["table"])
        return [announcement.from_texts(texts) for texts in told["rows"]] if announcement else []
    except Exception:  # noqa: BLE001 - whoever may connect may send anything over the channel
        return [MayHaveMissed()]
