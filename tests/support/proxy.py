"""A proxy before a server, which can go silent as a network does: no word of it reaches either side."""

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


class Proxy:
    """Forwards what comes, until it is silenced; connections that are opened afterwards are forwarded again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._folder = parse_qs(parts.query).get("host", [None])[0]
        self._host, self._port = parts.hostname, parts.port or 5432
        self._credentials, self._database = parts.netloc.rpartition("@")[0], parts.path
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
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
        there = (
            await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.{self._port}")
            if self._folder
            else await asyncio.open_connection(self._host, self._port)
        )
        self._writers += [writer, there[1]]
        self._tasks += [asyncio.create_task(_forward(*pair)) for pair in ((reader, there[1]), (there[0], writer))]


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()
