"""Opening PostgreSQL: what can be wrong, said in words that help, and never with the password."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from support.places import let_server_pass
from support.proxy import Proxy
from support.tcp_server import PASSWORD as SECRET
from support.tcp_server import free_port, tcp_server

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.connection import explain_failure, require_version
from strongroom.bootstrap.database_urls import database_url_error
from strongroom.ports.errors import ReadOnlyServer, SchemaMismatch, StorageUnavailable


def settings(url: str) -> PostgresSettings:
    """Return settings that fail soon."""
    return PostgresSettings(url=url, min_size=1, max_size=2, connect_timeout=1)


async def failure(url: str) -> StorageUnavailable:
    """Return the error of opening an address."""
    with pytest.raises(StorageUnavailable) as caught:
        await open_postgres(settings(url))
    assert SECRET not in str(caught.value)
    return caught.value


@pytest.fixture(scope="module")
def scram_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that asks for a password, over TCP."""
    with tcp_server(let_server_pass(tmp_path_factory.mktemp("scram"), tmp_path_factory) / "data") as url:
        yield url


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A port that takes connections and never says a word."""
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _reader, writer: taken.append(writer), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in taken:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "url", ["", "nonsense", f"mysql://u:{SECRET}@h/d", f"postgresql://u:{SECRET}@h:port/d", "postgresql//h"]
)
async def test_an_invalid_url_is_reported(url: str) -> None:
    """The message shows what an address looks like."""
    assert "postgresql://user:password@host:5432/database" in str(await failure(url))


async def test_a_server_that_is_down_is_reported() -> None:
    """Nothing listens on the port: the message says so, with host and port."""
    port = free_port()
    error = await failure(f"postgresql://u:{SECRET}@127.0.0.1:{port}/d")
    assert f"127.0.0.1:{port}" in str(error)
    assert "is the server running" in str(error)


async def test_connecting_to_a_silent_host_times_out(silent_port: int) -> None:
    """The wait is bounded by the connect timeout."""
    error = await failure(f"postgresql://u:{SECRET}@127.0.0.1:{silent_port}/d")
    assert "does not answer in time" in str(error)


async def test_a_host_that_does_not_exist_is_a_clear_error() -> None:
    """An unknown host name is a failure to connect like any other."""
    assert "host" in str(await failure(f"postgresql://u:{SECRET}@host.invalid/d"))


async def test_a_missing_database_is_reported(postgres_url: str) -> None:
    """The server is there; the database is not."""
    parts = urlsplit(postgres_url)
    url = f"{parts.scheme}://{parts.netloc}/nowhere" + (f"?{parts.query}" if parts.query else "")
    assert "no database of that name" in str(await failure(url))


def test_a_wrong_password_is_reported_and_the_right_one_opens(scram_url: str) -> None:
    """A server that asks for a password refuses another: the message says so, and shows neither."""

    async def opens(url: str) -> None:
        async with await open_postgres(settings(url)) as storage:
            await storage.ping()

    asyncio.run(opens(scram_url))
    wrong = scram_url.replace(SECRET, SECRET + "-x")
    assert "refused the user name or password" in str(asyncio.run(failure(wrong)))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (asyncpg.InvalidPasswordError("x"), "refused the user name or password"),
        (asyncpg.InvalidAuthorizationSpecificationError("x"), "refused the user name or password"),
        (asyncpg.TooManyConnectionsError("x"), "no connection left"),
        (asyncpg.CannotConnectNowError("x"), "starting up or shutting down"),
    ],
)
def test_a_refusal_of_the_server_is_explained(error: Exception, said: str) -> None:
    """Each refusal has its own sentence, without the password."""
    problem = explain_failure(f"postgresql://u:{SECRET}@h/d", error)
    assert said in str(problem)
    assert SECRET not in str(problem)


def test_an_old_server_is_reported_with_its_version() -> None:
    """PostgreSQL 16 is the oldest that will do."""
    with pytest.raises(SchemaMismatch, match="PostgreSQL 15: strongroom needs 16"):
        require_version("postgresql://u@h/d", 15)
    require_version("postgresql://u@h/d", 16)


def test_contradictory_settings_are_refused() -> None:
    """A pool cannot be smaller than its least, and the pooler has two modes."""
    with pytest.raises(ValueError, match="min_size"):
        PostgresSettings(url="postgresql://h/d", min_size=5, max_size=2)
    with pytest.raises(ValueError, match="pooler"):
        PostgresSettings(url="postgresql://h/d", pooler="statement")  # type: ignore[arg-type]


async def test_several_addresses_are_tried_in_turn(database: str) -> None:
    """A host that is down is passed over, and ``target_session_attrs`` chooses among those that answer."""
    async with Proxy(database) as proxy:
        both = proxy.url.replace("@127.0.0.1", f"@127.0.0.1:{free_port()},127.0.0.1")
        assert database_url_error(both) is None
        async with await open_postgres(settings(both)) as storage:
            await storage.ping()
        writable = f"{both}&target_session_attrs=read-write"
        async with await open_postgres(settings(writable)) as storage, storage.pool.connection() as connection:
            name = await connection.fetchval("SELECT quote_ident(current_database())")
            await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(ReadOnlyServer, match="target_session_attrs"):
            await open_postgres(settings(f"{proxy.url}&target_session_attrs=read-write"))
    assert "nothing answers there" in str(await failure(f"postgresql://u@127.0.0.1:{free_port()},127.0.0.1:1/d"))


@pytest.mark.parametrize("url", ["postgresql://u@h:1,h:port/d", "postgresql://u@h:99999999,h/d"])
async def test_each_of_several_addresses_is_checked(url: str) -> None:
    """A port that is none is reported, wherever it stands."""
    assert database_url_error(url) is not None
    assert "postgresql://user:password@host:5432/database" in str(await failure(url))
