"""Connecting to a server, and what each failure means for whoever reads it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from strongroom.adapters.mapping.names import OWN_SCHEMA
from strongroom.adapters.quoting import quote_identifier
from strongroom.ports.errors import ReadOnlyServer, SchemaMismatch, StorageUnavailable

from .driver import DRIVER_ERRORS, BoundedConnection, is_lost
from .errors import raise_translated
from .redaction import redacted
from .server_words import READ_ONLY_SERVER, last_words, server_words

MINIMUM_VERSION: Final = 16
CONNECT_SECONDS: Final = 60.0
SAFE_SEARCH_PATH: Final = "pg_catalog, pg_temp"
"""The only schemas in which no other role can create what a bare name then means; temporary objects come last.

Whoever may create functions or operators in a schema of the path acts with the rights of everybody who calls them by a
bare name (CVE-2018-1058). Names of our own tables and types are written with their schema.
"""
CREATION_SEARCH_PATH: Final = f"{quote_identifier(OWN_SCHEMA)}, pg_temp"
"""Where the text of a migration creates and finds what it names without a schema; pg_catalog comes before it.

A neighbour's function can be preferred to PostgreSQL's own under it. So it holds for the text alone, and what the
migrator itself runs meanwhile names everything with its schema.
"""
SAFE_SETTINGS: Final = {"search_path": SAFE_SEARCH_PATH}
"""What every session of ours starts with, whatever the address, the role and the database say."""
INSPECTION_SETTINGS: Final = {**SAFE_SETTINGS, "row_security": "off"}
"""What a session starts with that migrates or checks: PostgreSQL refuses to run a policy, with our rights, in it."""

_DIVIDE_BY_ZERO_UNLESS_SAFE: Final = f"""
    SELECT pg_catalog.int4div(
        1, (pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) '{SAFE_SEARCH_PATH}')::pg_catalog.int4)
"""
"""Check the search path in one round trip; to read the setting, asyncpg would prepare a statement first."""


class QualifiedConnection(BoundedConnection):
    """A connection that looks up the types of a result in pg_catalog, also while a migration's search path holds.

    asyncpg calls array_agg by its bare name. A neighbour's array_agg(oid) fits better than PostgreSQL's own.
    """

    _intro_query: str

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._intro_query = self._intro_query.replace(" array_agg(", " pg_catalog.array_agg(")


async def connect(
    url: str,
    *,
    timeout: float = CONNECT_SECONDS,  # noqa: ASYNC109 - asyncpg's own
    through_pooler: bool = False,
    server_settings: Mapping[str, str] | None = None,
    **options: Any,
) -> "asyncpg.Connection[Any]":
    """Open one connection that migrates, checks or administers: a session of INSPECTION_SETTINGS.

    Every connection of strongroom is opened here or by ``open_pool``. A transaction pooler takes no settings: through
    one, whatever is run has to be within ``inspecting``. Raises StorageUnavailable with what is wrong and what to do.
    """
    require_postgres_url(url)
    settings = {**(server_settings or {}), **INSPECTION_SETTINGS}
    if through_pooler:
        settings, options = {}, {"statement_cache_size": 0, **options}
    try:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            without_settings(url, INSPECTION_SETTINGS),
            timeout=timeout,
            server_settings=settings,
            connection_class=QualifiedConnection,
            **options,
        )
        if not through_pooler:
            await require_safe_search_path(connection)
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        raise explain_failure(url, error) from None
    return connection


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Give a connection that ``connect`` opens for the length of a context, and close it.

    What asyncpg raises within comes out as the port's errors; the caller's own errors pass through.
    """
    connection = await connect(url, **options)
    try:
        yield connection
    except DRIVER_ERRORS as error:
        if isinstance(error, OSError) and not is_lost(connection):
            raise
        raise_translated(error, None)
    finally:
        await connection.close()


async def require_safe_search_path(connection: "asyncpg.Connection[Any]") -> None:
    """Raise StorageUnavailable if a pooler has dropped the search path that the connection started with."""
    try:
        await connection.execute(_DIVIDE_BY_ZERO_UNLESS_SAFE)
    except asyncpg.DivisionByZeroError:
        found = await connection.fetchval("SHOW search_path")
    else:
        return
    connection.terminate()
    message = (
        f"a pooler stands between, and dropped what the session has to start with: search_path is {found}. Set "
        'pooler="transaction", and direct_url, an address that goes past it'
    )
    raise StorageUnavailable(message, retryable=False)


@asynccontextmanager
async def inspecting(connection: "asyncpg.Connection[Any]", *, through_pooler: bool) -> AsyncIterator[None]:
    """Give what is read within the settings of INSPECTION_SETTINGS: a session has them, a transaction is given them."""
    if not through_pooler:
        yield
        return
    async with connection.transaction(readonly=True):
        await connection.execute(
            "; ".join(f"SET LOCAL {name} = {value}" for name, value in INSPECTION_SETTINGS.items())
        )
        yield


def without_settings(url: str, names: Container[str]) -> str:
    """Return an address without settings that ours replace, in whatever case they are written.

    Of two spellings of one setting PostgreSQL takes the last; those of ``options`` come before all others.
    """
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name.lower() not in names]
    if kept == given:
        return url
    return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote), netloc=parts.netloc or "@"))


def require_postgres_url(url: str) -> None:
    """Raise StorageUnavailable unless the address is one of PostgreSQL; it may name several hosts."""
    try:
        scheme, places, *_ = urlsplit(url)
        for place in places.rpartition("@")[2].split(","):
            _port = urlsplit(f"//{place}").port
    except ValueError:
        scheme = ""
    if scheme not in {"postgresql", "postgres"}:
        message = (
            f"cannot use {redacted(url)}: an address like postgresql://user:password@host:5432/database is expected"
        )
        raise StorageUnavailable(message, retryable=False)


def require_version(url: str, major: int) -> None:
    """Raise SchemaMismatch for a server that is too old."""
    if major < MINIMUM_VERSION:
        message = f"{redacted(url)} runs PostgreSQL {major}: strongroom needs {MINIMUM_VERSION} or newer"
        raise SchemaMismatch(message)


def explain_failure(url: str, error: Exception) -> StorageUnavailable:  # noqa: C901, PLR0912 - a table of failures
    """Return what a failure to connect means, in words; a failure that is none of connecting is raised as it is."""
    where, retryable = redacted(url), True
    match error:
        case StorageUnavailable():
            return error
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            said, retryable = f"{where} refused the user name or password: check both in the address", False
        case asyncpg.InvalidCatalogNameError():
            said = f"{where}: the server has no database of that name: create it, or correct the address"
            retryable = False
        case asyncpg.TooManyConnectionsError():
            said = f"{where} has no connection left: lower the pool sizes, or raise max_connections"
        case asyncpg.CannotConnectNowError():
            said = f"{where} is starting up or shutting down: try again in a moment"
        case asyncpg.ProtocolViolationError():
            said = (
                f'{where} takes no settings of a session, as a transaction pooler: set pooler="transaction", and '
                f"direct_url, an address that goes past it{server_words(error)}"
            )
            retryable = False
        case asyncpg.ReadOnlySQLTransactionError():
            return ReadOnlyServer(f"{where}: {READ_ONLY_SERVER}{server_words(error)}")
        case asyncpg.ConnectionDoesNotExistError():
            said = f"{where} ended the connection before it was set up{last_words(error)}"
        case asyncpg.PostgresError():
            said = f"{where} refused the connection{server_words(error)}"
        case TimeoutError() | asyncio.TimeoutError():
            said = f"{where} does not answer in time: is the host reachable from here, and the port open?"
        case ssl.SSLError():
            said = f"{where}: the encrypted connection failed: check sslmode and the certificates"
        case ConnectionError() | OSError():
            said = f"{where}: nothing answers there: is the server running, and host and port right?"
        case asyncpg.TargetServerAttributeNotMatched():
            return ReadOnlyServer(f"{where}: none of the servers is what target_session_attrs asks for: {error}")
        case asyncpg.InternalClientError():
            said = f"{where} ended the connection before it was set up"
        case ValueError() | LookupError() | asyncpg.InterfaceError():
            said = f"cannot use {where}: an address like postgresql://user:password@host:5432/database is expected"
            retryable = False
        case _:
            raise error
    return StorageUnavailable(said, retryable=retryable)
