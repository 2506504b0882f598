"""A proxy before a server that counts what a client asks of it."""

import asyncio
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

READY_FOR_QUERY = b"Z"


class CountingProxy:
    """A Unix or TCP proxy that counts how often the client sends and the server says it is ready again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        folder = parse_qs(parts.query).get("host", [None])[0]
        self.target = f"{folder}/.s.PGSQL.5432" if folder else (parts.hostname, parts.port or 5432)
        self.credentials = parts.netloc.rpartition("@")[0]
        self.database = parts.path
        self.round_trips = 0

    async def start(self) -> str:
        """Listen, and return the address of the proxy."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        return f"postgresql://{self.credentials}@127.0.0.1:{port}{self.database}?sslmode=disable"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self.target, str):
            upstream_reader, upstream_writer = await asyncio.open_unix_connection(self.target)
        else:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self.target)
        await asyncio.gather(
            self._forward(reader, upstream_writer), self._messages(upstream_reader, writer), return_exceptions=True
        )

    async def _forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
        target.close()

    async def _messages(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                header = await source.readexactly(5)
                body = await source.readexactly(int.from_bytes(header[1:]) - 4)
                self.round_trips += header[:1] == READY_FOR_QUERY
                target.write(header + body)
                await target.drain()
        target.close()
