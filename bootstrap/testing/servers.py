"""Databases of tests: copies of a migrated template that is made once for each state of the migrations."""

import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from strongroom.adapters.embedded.scratch import scratch_database, with_database
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.connection import connect
from strongroom.adapters.postgres.migrator import MigrationFolders, Migrator, load_migrations, migration_order
from strongroom.adapters.quoting import quote_identifier

TEMPLATE_LOCK: Final = 0x7374726F
"""The advisory lock under which one worker makes the template for all."""


@asynccontextmanager
async def fresh_database(server: str, model: Model = PLATFORM) -> AsyncIterator[str]:
    """Make a database with a model's migrations, and drop it in the end; its template stays for the next run."""
    async with scratch_database(server, await template_database(server, model)) as url:
        yield url


async def template_database(server: str, model: Model = PLATFORM) -> str:
    """Return the name of the migrated database of these migrations, and create it first if it does not exist.

    Workers and runs that share the server share it. Nobody stays connected to it.
    """
    connection = await connect(server)
    try:
        return await _template(connection, server, model)
    finally:
        await connection.close()


async def _template(connection: "asyncpg.Connection[Any]", server: str, model: Model) -> str:
    name = f"strongroom_template_{_migrations_digest(model)}"
    await connection.execute(f"SELECT pg_advisory_lock({TEMPLATE_LOCK})")
    try:
        if not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", name):
            made = f"{name}_{uuid.uuid4().hex[:8]}"
            await connection.execute(f"CREATE DATABASE {quote_identifier(made)} TEMPLATE template0")
            await Migrator(with_database(server, made), model=model).migrate()
            await connection.execute(f"ALTER DATABASE {quote_identifier(made)} RENAME TO {quote_identifier(name)}")
    finally:
        await connection.execute(f"SELECT pg_advisory_unlock({TEMPLATE_LOCK})")
    return name


def _migrations_digest(model: Model) -> str:
    digest = hashlib.sha256()
    for migration in migration_order(load_migrations(MigrationFolders.of(model))):
        digest.update(f"{migration.label}\n{migration.sql}\0".encode())
    return digest.hexdigest()[:16]
