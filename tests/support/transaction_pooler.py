"""A transaction pooler as PgBouncer is one: each transaction of a client goes to another connection of the server."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Final

import asyncpg

AUTHENTICATED: Final = b"R" + (8).to_bytes(4) + (0).to_bytes(4)
READY: Final = b"Z"
IDLE: Final = b"I"
TERMINATE: Final = b"X"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return the kind of the next message, and all of it."""
    header = await reader.readexactly(5)
    return header[:1], header + await reader.readexactly(int.from_bytes(header[1:]) - 4)


def parameter(name: str, value: str) -> bytes:
    """Return the message by which a server tells a setting."""
    body = f"{name}\0{value}\0".encode()
    return b"S" + (len(body) + 4).to_bytes(4) + body


class TransactionPooler:
    """Stands between clients, which it asks for no password, and so many connections of a server.

    Connections are handed out in turn, so that no client meets the same one twice running, and are taken back when
    the server says that it is idle. Nothing is reset in between.
    """

    def __init__(self, url: str, connections: int = 2) -> None:
        self._url = url
        self._wanted = connections
        self._opened: list[asyncpg.Connection[Any]] = []
        self._servers: deque[Streams] = deque()
        self._free = asyncio.Condition()
        self.transactions = 0
        self.parameters: set[str] = set()
        """What clients asked for when they connected; PgBouncer refuses what it does not know."""

    async def start(self) -> str:
        """Connect to the server, listen, and return the address to connect to."""
        for _ in range(self._wanted):
            connection = await asyncpg.connect(self._url, server_settings={"application_name": "pooler"})
            connection._transport.pause_reading()
            socket = connection._transport.get_extra_info("socket").dup()
            self._servers.append(await asyncio.open_connection(sock=socket))
            self._opened.append(connection)
        told = self._opened[0].get_settings()
        told_to_clients = ("server_version", "client_encoding", "server_encoding", "standard_conforming_strings")
        self._greeting = AUTHENTICATED + b"".join(parameter(name, getattr(told, name)) for name in told_to_clients)
        self._greeting += READY + (5).to_bytes(4) + IDLE
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._listener.sockets[0].getsockname()[1]
        return f"postgresql://anyone@127.0.0.1:{port}/any?sslmode=disable"

    async def close(self) -> None:
        """Stop listening and close all connections of the server."""
        self._listener.close()
        for _, writer in self._servers:
            writer.close()
        for connection in self._opened:
            connection.terminate()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            startup = await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
            self.parameters |= {name.decode() for name in startup[4:].split(b"\0")[::2] if name}
            writer.write(self._greeting)
            await self._transactions(reader, writer)
        writer.close()

    async def _transactions(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, said = await message(reader)
            if kind == TERMINATE:
                return
            async with self._free:
                await self._free.wait_for(lambda: self._servers)
                server = self._servers.popleft()
            self.transactions += 1
            sending = asyncio.get_running_loop().create_task(self._send(reader, said, server[1]))
            try:
                await self._answer(server[0], writer)
            finally:
                sending.cancel()
                await asyncio.wait({sending})
                async with self._free:
                    self._servers.append(server)
                    self._free.notify()

    async def _send(self, reader: asyncio.StreamReader, first: bytes, server: asyncio.StreamWriter) -> None:
        server.write(first)
        while True:
            said = await reader.read(65536)
            if not said:
                return
            server.write(said)

    async def _answer(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, said = await message(server)
            writer.write(said)
            if kind == READY and said[5:] == IDLE:
                return
