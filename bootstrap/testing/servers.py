"""PostgreSQL for tests: one embedded server for all workers of a run, and databases copied from a migrated template."""

import hashlib
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from strongroom.adapters.embedded import start_embedded
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.migrations import backend_folder, frontend_folder

TEMPLATE_LOCK: Final = 0x7374726F
"""The advisory lock under which one worker makes the template for all."""


@contextmanager
def running_server() -> Iterator[str]:
    """Start the user's server for tests, or join the one that another process started; the last one out stops it."""
    name = f"strongroom-testing-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    with start_embedded(Path(tempfile.gettempdir()) / name / "postgres-16", fsync=False) as server:
        yield server.url("postgres")


@asynccontextmanager
async def fresh_database(server: str) -> AsyncIterator[str]:
    """Make a migrated database, and drop it in the end.

    The template is made once for each state of the migrations, and stays on the server for the next run.
    """
    name = f"strongroom_test_{uuid.uuid4().hex[:16]}"
    connection = await asyncpg.connect(server)
    try:
        template = await _template(connection, server)
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
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


async def _template(connection: "asyncpg.Connection[Any]", server: str) -> str:
    """Return the name of the template of these migrations, made first where it is not there."""
    name = f"strongroom_template_{_state()}"
    await connection.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
    try:
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name):
            made = f"{name}_{uuid.uuid4().hex[:8]}"
            await connection.execute(f'CREATE DATABASE "{made}"')
            await Migrator(with_database(server, made)).migrate()
            await connection.execute(f'ALTER DATABASE "{made}" RENAME TO "{name}"')
    finally:
        await connection.execute(f"SELECT pg_advisory_unlock({TEMPLATE_LOCK})")
    return name


def _state() -> str:
    digest = hashlib.sha256()
    for folder in (backend_folder(), frontend_folder()):
        for file in sorted(folder.rglob("*.sql")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
