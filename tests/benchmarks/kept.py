"""What is kept between runs: a PostgreSQL 16 of the benchmarks' own, its databases, and the compiled rival."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
from attrs import frozen

from strongroom import Settings, migrations, open_storage
from strongroom.adapters.embedded import EmbeddedServer, default_folder, start_embedded
from strongroom.ports.storage import Storage

FOLDER: Final = default_folder().parent / "benchmarks"
CONNECTIONS: Final = 400
"""Enough for a pool of 30 for each contender, side by side."""
Filling = Callable[[Storage, "asyncpg.Connection[Any]"], Awaitable[None]]


@frozen
class Address:
    """Where a database is: its URL for asyncpg, and the parts that other drivers take."""

    url: str

    @property
    def host(self) -> str:
        """The folder of the server's socket, or the host."""
        parts = urlsplit(self.url)
        return parse_qs(parts.query)["host"][0] if not parts.hostname else parts.hostname

    @property
    def port(self) -> int:
        """The port, which is part of the socket's name as well."""
        parts = urlsplit(self.url)
        return parts.port or int(parse_qs(parts.query)["port"][0])

    @property
    def user(self) -> str:
        """The role."""
        return urlsplit(self.url).username or "postgres"

    @property
    def database(self) -> str:
        """The database's name."""
        return urlsplit(self.url).path.removeprefix("/")


@asynccontextmanager
async def running_server() -> AsyncIterator[EmbeddedServer]:
    """Start the benchmarks' server, or join the one that runs, with room for every contender's pool."""
    server = start_embedded(FOLDER / "postgres-16")
    if await _max_connections(server) < CONNECTIONS:
        server.close()
        server = start_embedded(FOLDER / "postgres-16")
    try:
        yield server
    finally:
        server.close()


async def kept_database(server: EmbeddedServer, world: str, fill: Filling, *, filled_by: str) -> Address:
    """Return the address of a migrated database that holds a world's rows, filling it unless an earlier run did.

    A database is made again if the migrations have changed since, or ``filled_by``, the version of what fills it.
    """
    files = sorted(migrations.backend_folder().glob("*.sql"))
    said = "".join([filled_by, *(path.read_text(encoding="utf-8") for path in files)])
    prefix = f"bench_{world}_"
    name = prefix + hashlib.sha256(said.encode()).hexdigest()[:10]
    admin = await asyncpg.connect(server.url("postgres"))
    try:
        known = {row["datname"] for row in await admin.fetch("SELECT datname FROM pg_database")}
        if name in known:
            return Address(server.url(name))
        print(f"filling {name}: once, it is kept")
        for old in known:
            if old.startswith(prefix):
                await server.drop_database(old)
        unfinished = f"{prefix}unfinished"
        url = await server.create_database(unfinished)
        connection = await asyncpg.connect(url)
        try:
            async with open_storage(Settings(database_url=url, statement_timeout=0)) as storage:
                await fill(storage, connection)
            await connection.execute("VACUUM (FREEZE, ANALYZE)")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
        await admin.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    finally:
        await admin.close()
    return Address(server.url(name))


async def _max_connections(server: EmbeddedServer) -> int:
    """Return how many connections the server takes, and have it take more once it starts again."""
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        found = int(await connection.fetchval("SHOW max_connections"))
        if found < CONNECTIONS:
            await connection.execute(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
    finally:
        await connection.close()
    return found
