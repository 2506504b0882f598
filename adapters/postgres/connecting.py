"""Connecting to a server, and what each failure means for whoever reads it."""

import asyncio
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from strongroom.ports.errors import SchemaMismatch, StorageUnavailable

from .redaction import redacted

MINIMUM_VERSION: Final = 16


async def connect(url: str, *, timeout: float, **options: Any) -> "asyncpg.Connection[Any]":  # noqa: ASYNC109 - asyncpg's own
    """Open one connection. Raises StorageUnavailable with what is wrong and what to do."""
    require_postgres_url(url)
    try:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(url, timeout=timeout, **options)
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        raise connection_problem(url, error) from None
    return connection


def require_postgres_url(url: str) -> None:
    """Raise StorageUnavailable unless the address is one of PostgreSQL."""
    try:
        scheme = urlsplit(url).scheme
        _ = urlsplit(url).port
    except ValueError:
        scheme = ""
    if scheme not in {"postgresql", "postgres"}:
        message = (
            f"cannot use {redacted(url)}: an address like postgresql://user:password@host:5432/database is expected"
        )
        raise StorageUnavailable(message)


def require_version(url: str, major: int) -> None:
    """Raise SchemaMismatch for a server that is too old."""
    if major < MINIMUM_VERSION:
        message = f"{redacted(url)} runs PostgreSQL {major}: strongroom needs {MINIMUM_VERSION} or newer"
        raise SchemaMismatch(message)


def connection_problem(url: str, error: Exception) -> StorageUnavailable:  # noqa: C901 - a table of failures
    """Return what a failure to connect means, in words; a failure that is none of connecting is raised as it is."""
    where = redacted(url)
    match error:
        case StorageUnavailable():
            return error
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            said = f"{where} refused the user name or password: check both in the address"
        case asyncpg.InvalidCatalogNameError():
            said = f"{where}: the server has no database of that name: create it, or correct the address"
        case asyncpg.TooManyConnectionsError():
            said = f"{where} has no connection left: lower the pool sizes, or raise max_connections"
        case asyncpg.CannotConnectNowError():
            said = f"{where} is starting up or shutting down: try again in a moment"
        case asyncpg.PostgresError():
            said = f"{where} refused the connection (SQLSTATE {error.sqlstate})"
        case TimeoutError() | asyncio.TimeoutError():
            said = f"{where} does not answer in time: is the host reachable from here, and the port open?"
        case ssl.SSLError():
            said = f"{where}: the encrypted connection failed: check sslmode and the certificates"
        case ConnectionError() | OSError():
            said = f"{where}: nothing answers there: is the server running, and host and port right?"
        case ValueError() | LookupError() | asyncpg.InterfaceError():
            said = f"cannot use {where}: an address like postgresql://user:password@host:5432/database is expected"
        case _:
            raise error
    return StorageUnavailable(said)
