"""Databases that are thrown away: on an embedded server that processes share, or on a server that is named."""

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from .programs import VERSION
from .server import start_embedded
from .users import ROOTS_FOLDER, is_root, server_user


@contextmanager
def scratch_server() -> Iterator[str]:
    """Start the user's server for scratch databases, or join the one that runs; the last one out stops it.

    Yields the address of its database ``postgres``. A crash of the machine may spoil it: nothing of it is kept. Its
    folder is in the temporary folder, and refused if another user was there first. Raises EmbeddedUnavailable.
    """
    with start_embedded(scratch_folder(), fsync=False) as server:
        yield server.url("postgres")


def scratch_folder() -> Path:
    """Return the data folder of the user's server for scratch databases; of root's, where its server's user may go."""
    name = f"strongroom-scratch-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    folder = Path(tempfile.gettempdir()).absolute() / name / f"postgres-{VERSION}"
    if is_root():
        from .places import closed_to

        if closed_to(folder.parent, server_user()) is not None:
            return ROOTS_FOLDER / "scratch" / folder.name
    return folder


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
