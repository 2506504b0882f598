"""A proxy before a server, which can go silent as a network does, cut connections, and hold back how they end."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


class Proxy:
    """Forwards what comes, until it is silenced; connections that are opened afterwards are forwarded again.

    ``cut_before`` and ``cut_after`` are words of a client: at them its connection is cut, before the server gets
    them, or once the server has answered, before the client gets that. ``hold_end`` is how many seconds the end of a
    connection is held back that the server ends with a FATAL error.
    """

    def __init__(self, url: str) -> None:
        self.cut_before: bytes | None = None
        self.cut_after: bytes | None = None
        self.hold_end = 0.0
        self.bytes_left: int | None = None
        """How much passes, both ways together, before every connection is cut; what is over is not forwarded."""
        self.hear_nothing = False
        """Accept connections, and answer nothing."""
        parts = urlsplit(url)
        self._folder = parse_qs(parts.query).get("host", [None])[0]
        self._host, self._port = parts.hostname, parts.port or 5432
        self._credentials, self._database = parts.netloc.rpartition("@")[0], parts.path
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._unanswered: set[asyncio.StreamWriter] = set()
        self.url = ""

    def silence(self) -> None:
        """Forward nothing more over the connections that are open, and leave them open."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"postgresql://{self._credentials}@127.0.0.1:{port}{self._database}?sslmode=disable"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.silence()
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.hear_nothing:
            self._writers.append(writer)
            return
        there = (
            await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.{self._port}")
            if self._folder
            else await asyncio.open_connection(self._host, self._port)
        )
        self._writers += [writer, there[1]]
        self._tasks += [
            asyncio.create_task(self._forward_client(reader, there, writer)),
            asyncio.create_task(self._forward_server(there[0], writer)),
        ]

    async def _forward_client(
        self,
        client: asyncio.StreamReader,
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        back: asyncio.StreamWriter,
    ) -> None:
        with suppress(ConnectionError):
            while data := await client.read(65536):
                if self._exceeds(data):
                    server[1].write(data[: self.bytes_left])
                    await self._cut_all()
                    return
                if self.cut_before is not None and self.cut_before in data:
                    server[1].transport.abort()
                    back.transport.abort()
                    return
                if self.cut_after is not None and self.cut_after in data:
                    self._unanswered.add(back)
                server[1].write(data)
                await server[1].drain()
        server[1].close()

    def _exceeds(self, data: bytes) -> bool:
        """Say whether there is more than may pass; if not, count it."""
        if self.bytes_left is None:
            return False
        if len(data) > self.bytes_left:
            return True
        self.bytes_left -= len(data)
        return False

    async def _cut_all(self) -> None:
        """Let what was forwarded leave, and cut every connection; those made afterwards pass unhindered."""
        self.bytes_left = None
        await asyncio.sleep(0.001)
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _forward_server(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        fatal = False
        with suppress(ConnectionError):
            while data := await server.read(65536):
                if client in self._unanswered:
                    break
                if self._exceeds(data):
                    client.write(data[: self.bytes_left])
                    await self._cut_all()
                    return
                fatal = fatal or b"FATAL" in data
                client.write(data)
                await client.drain()
            if fatal:
                await asyncio.sleep(self.hold_end)
        client.transport.abort()
