"""asyncpg's connection with a limit for every wait that asyncpg leaves without one, and the errors that it raises."""

import asyncio
import socket
from contextlib import suppress
from typing import Any, Final

import asyncpg

CANCEL_SECONDS: Final = 0.4
"""How long the server has to acknowledge that it cancelled a statement; then the connection is aborted."""
CLOSE_SECONDS: Final = 0.5
"""How long the server has to close its end of a connection that says goodbye; then the connection is aborted."""
ANSWER_GRACE_SECONDS: Final = 0.5
"""How much longer than the server's own limit the client waits for an answer."""
KEEPALIVE_IDLE_SECONDS: Final = 15
KEEPALIVE_INTERVAL_SECONDS: Final = 5
KEEPALIVE_PROBES: Final = 3
CLIENT_ERRORS: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises by itself; InternalClientError, if the server ended the connection, derives from nothing else."""
DRIVER_ERRORS: Final = (asyncpg.PostgresError, *CLIENT_ERRORS, OSError)
"""All that asyncpg raises; TimeoutError is an OSError."""

_KEEPALIVE_OPTIONS: Final = {
    "TCP_KEEPIDLE": KEEPALIVE_IDLE_SECONDS,
    "TCP_KEEPINTVL": KEEPALIVE_INTERVAL_SECONDS,
    "TCP_KEEPCNT": KEEPALIVE_PROBES,
    "TCP_USER_TIMEOUT": 1000 * (KEEPALIVE_IDLE_SECONDS + KEEPALIVE_INTERVAL_SECONDS * KEEPALIVE_PROBES),
}
"""Options of a TCP socket, where the platform has them: a host that is gone is noticed within 30 s."""


class BoundedConnection(asyncpg.Connection):
    """A connection that never waits without a limit for a cancellation or a goodbye, and that keeps TCP alive.

    asyncpg waits for the server to acknowledge a cancelled statement before anything else runs on the connection, be
    it ROLLBACK, releasing or closing. A server that went silent never does.
    """

    is_unpinned = False
    """Whether each transaction may meet another session of the server."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        keep_alive(self._transport)  # type: ignore[attr-defined, unused-ignore]

    def _cancel_current_command(self, waiter: Any, cancel_waiter: Any = None) -> None:
        """Request the cancellation as asyncpg does, and abort the connection if it is not acknowledged."""
        driver: Any = super()
        driver._cancel_current_command(waiter, cancel_waiter)  # noqa: SLF001 - it offers no other place
        asyncio.get_running_loop().call_later(CANCEL_SECONDS, self._abort_unless_done, cancel_waiter)

    def _abort_unless_done(self, cancelled: "asyncio.Future[None] | None") -> None:
        if cancelled is not None and not cancelled.done():
            self.terminate()

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's own
        """Close the connection; if the server does not answer in time, abort it. Raises nothing of asyncpg's."""
        with suppress(*DRIVER_ERRORS):
            await super().close(timeout=CLOSE_SECONDS if timeout is None else min(timeout, CLOSE_SECONDS))


def keep_alive(transport: Any) -> None:
    """Have the operating system probe an idle TCP connection, and give up one whose data nobody acknowledges."""
    end = transport.get_extra_info("socket")
    if end is None or end.family not in (socket.AF_INET, socket.AF_INET6):
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE_OPTIONS.items():
        option = getattr(socket, name, None)
        if option is not None:
            end.setsockopt(socket.IPPROTO_TCP, option, value)


def is_lost(connection: "asyncpg.Connection[Any]") -> bool:
    """Return whether a connection is closed, or was taken back by asyncpg's pool because it closed."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def abort(connection: "asyncpg.Connection[Any]") -> None:
    """Drop a connection without a word to the server; one that is closed already stays so."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
