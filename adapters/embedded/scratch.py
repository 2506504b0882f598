"""Databases that are thrown away: on an embedded server that processes share, or on a server that is named."""

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from attrs import frozen

from strongroom.adapters.quoting import quote_identifier

from .programs import VERSION
from .server import start_embedded
from .users import ROOTS_FOLDER, is_root, server_user

INSTALLABLE: Final = frozenset({"vector"})
"""Extensions of the wheel that PostgreSQL lets only a superuser create, and that reach nothing outside the database."""
WAITING_SCHEMA: Final = "strongroom_waiting"
"""Where an extension lies in a confined database until a migration creates it."""
_LOGIN: Final = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"


@frozen(kw_only=True)
class ScratchDatabase:
    """The addresses of a scratch database: one to fill it, and one to have foreign text parsed in it."""

    owner: str
    reader: str
    reader_role: str | None = None
    """The role that a reader takes on once it is connected, if its address is not one of its own."""


@contextmanager
def scratch_server() -> Iterator[str]:
    """Start the user's server for scratch databases, or join the running one; the last process to leave stops it.

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

    Raises StorageUnavailable if the server cannot be reached, and asyncpg's errors if it refuses.
    """
    connection = await _connect(server)
    try:
        async with _database(connection, server, template) as url:
            yield url
    finally:
        await connection.close()


@asynccontextmanager
async def confined_database(server: str, extensions: Collection[str] = ()) -> AsyncIterator[ScratchDatabase]:
    """Make an empty database on an embedded server, owned by a login of its own, and drop both in the end.

    The owner is no superuser and has no rights elsewhere; the reader may make temporary tables and nothing else. Of
    ``extensions`` those that are INSTALLABLE are the owner's, and wait in WAITING_SCHEMA. Raises asyncpg's errors.
    """
    name = _new_name()
    reader = f"{name}_reader"
    owned, reading = quote_identifier(name), quote_identifier(reader)
    connection = await _connect(server)
    try:
        try:
            await connection.execute(f"CREATE ROLE {owned} {_LOGIN}; CREATE ROLE {reading} {_LOGIN} CONNECTION LIMIT 1")
            await connection.execute(f"CREATE DATABASE {owned} OWNER {owned} TEMPLATE template0 STRATEGY FILE_COPY")
            await connection.execute(
                f"REVOKE ALL ON DATABASE {owned} FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE {owned} TO {reading}"
            )
            owner = _with_login(server, name, name)
            await _install(connection, name, owner, INSTALLABLE.intersection(extensions))
            yield ScratchDatabase(owner=owner, reader=_with_login(server, name, reader))
        finally:
            with suppress(asyncpg.InvalidCatalogNameError):
                # Its owner may have made it a template, which cannot be dropped.
                await connection.execute(f"ALTER DATABASE {owned} IS_TEMPLATE false")
            await connection.execute(f"DROP DATABASE IF EXISTS {owned} WITH (FORCE)")
            await connection.execute(f"DROP ROLE IF EXISTS {owned}, {reading}")
    finally:
        await connection.close()


@asynccontextmanager
async def named_database(server: str) -> AsyncIterator[ScratchDatabase]:
    """Make an empty database on a server that the user named, owned by the user of the address, and drop it in the end.

    Readers take on a role that may make temporary tables and nothing else; they stay who they are if the user may not
    create roles. Raises as ``scratch_database`` does.
    """
    connection = await _connect(server)
    try:
        role = await _reader_role(connection)
        try:
            async with _database(connection, server) as url:
                yield ScratchDatabase(owner=url, reader=url, reader_role=role)
        finally:
            if role is not None:
                await connection.execute(f"DROP ROLE IF EXISTS {quote_identifier(role)}")
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    """Return the address of another database of the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}", netloc=parts.netloc or "@"))


@asynccontextmanager
async def _database(
    connection: "asyncpg.Connection[Any]", server: str, template: str | None = None
) -> AsyncIterator[str]:
    name = _new_name()
    made, source = quote_identifier(name), quote_identifier(template or "template0")
    await connection.execute(f"CREATE DATABASE {made} TEMPLATE {source} {await _strategy(connection)}")
    try:
        yield with_database(server, name)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")


async def _strategy(connection: "asyncpg.Connection[Any]") -> str:
    """Return how the server copies a template: its files if nothing is synced, as that takes two checkpoints."""
    return "STRATEGY FILE_COPY" if await connection.fetchval("SHOW fsync") == "off" else ""


async def _reader_role(connection: "asyncpg.Connection[Any]") -> str | None:
    """Create a role without rights that the user may take on; return None if the user may not create roles."""
    name = f"{_new_name()}_reader"
    role = quote_identifier(name)
    try:
        await connection.execute(f"CREATE ROLE {role}; GRANT {role} TO CURRENT_USER")
    except asyncpg.InsufficientPrivilegeError:
        return None
    return name


async def _install(
    connection: "asyncpg.Connection[Any]", owner_role: str, owner: str, extensions: Collection[str]
) -> None:
    """Create extensions in a database that is still empty, so that no migration has made anything that they meet."""
    if not extensions:
        return
    await connection.execute(f"ALTER ROLE {quote_identifier(owner_role)} SUPERUSER")
    # A session that began as a superuser's may become another's for as long as it lasts: this one ends first.
    installing = await _connect(owner)
    try:
        await installing.execute(f"CREATE SCHEMA {WAITING_SCHEMA}")
        for name in sorted(extensions):
            await installing.execute(f"CREATE EXTENSION {quote_identifier(name)} SCHEMA {WAITING_SCHEMA}")
    finally:
        await installing.close()
        await connection.execute(f"ALTER ROLE {quote_identifier(owner_role)} NOSUPERUSER")


async def _connect(url: str) -> "asyncpg.Connection[Any]":
    from strongroom.adapters.postgres.connection import connect

    return await connect(url)


def _new_name() -> str:
    return f"strongroom_scratch_{uuid.uuid4().hex[:16]}"


def _with_login(url: str, database: str, role: str) -> str:
    parts = urlsplit(with_database(url, database))
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))
