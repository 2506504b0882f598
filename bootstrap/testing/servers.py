"""Databases of tests: copies of a migrated template that is made once for each state of the migrations."""

import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from strongroom.adapters.embedded.scratch import scratch_database, with_database
from strongroom.adapters.postgres.connection import connect
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.quoting import quote_identifier
from strongroom.migrations import backend_folder, frontend_folder

TEMPLATE_LOCK: Final = 0x7374726F
"""The advisory lock under which one worker makes the template for all."""


@asynccontextmanager
async def fresh_database(server: str) -> AsyncIterator[str]:
    """Make a migrated database, and drop it in the end; its template stays on the server for the next run."""
    async with scratch_database(server, await template_database(server)) as url:
        yield url


async def template_database(server: str) -> str:
    """Return the name of the migrated database of these migrations, and create it first if it does not exist.

    Workers and runs that share the server share it. Nobody stays connected to it.
    """
    connection = await connect(server)
    try:
        return await _template(connection, server)
    finally:
        await connection.close()


async def _template(connection: "asyncpg.Connection[Any]", server: str) -> str:
    name = f"strongroom_template_{_migrations_digest()}"
    await connection.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
    try:
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name):
            made = f"{name}_{uuid.uuid4().hex[:8]}"
            await connection.execute(f"CREATE DATABASE {quote_identifier(made)} TEMPLATE template0")
            await Migrator(with_database(server, made)).migrate()
            await connection.execute(f"ALTER DATABASE {quote_identifier(made)} RENAME TO {quote_identifier(name)}")
    finally:
        await connection.execute(f"SELECT pg_advisory_unlock({TEMPLATE_LOCK})")
    return name


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    for folder in (backend_folder(), frontend_folder()):
        for file in sorted(folder.rglob("*.sql")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
