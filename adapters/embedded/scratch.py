"""Databases that are thrown away: on an embedded server that processes share, or on a server that is named."""

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from .server import start_embedded


@contextmanager
def scratch_server() -> Iterator[str]:
    """Start the user's server for scratch databases, or join the one that runs; the last one out stops it.

    Yields the address of its database ``postgres``. A crash of the machine may spoil it: nothing of it is kept.
    Raises EmbeddedUnavailable.
    """
    name = f"strongroom-scratch-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    with start_embedded(Path(tempfile.gettempdir()) / name / "postgres-16", fsync=False) as server:
        yield server.url("postgres")


@asynccontextmanager
async def scratch_database(server: str, template: str | None = None) -> AsyncIterator[str]:
    """Make a database on a server, empty or as a copy, and drop it in the end; yields its address.

    Raises asyncpg's errors, and OSError, where the server cannot be reached or refuses.
    """
    name = f"strongroom_scratch_{uuid.uuid4().hex[:16]}"
    source = f'"{template}" STRATEGY FILE_COPY' if template else "template0"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {source}')
        try:
            yield with_database(server, name)
        finally:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}", netloc=parts.netloc or "@"))
