"""A neighbour who may create in the schema that everybody shares answers none of the names that strongroom uses."""

import asyncio
import json
import shlex
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from attrs import frozen
from support.commands import invoke
from support.exercise import exercise, finder_calls, note_calls, operations
from support.hijack import Recorder, move_in, recording
from support.transaction_pooler import TransactionPooler
from typer.testing import CliRunner

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.connection import connect
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.postgres.migrator.apply import apply_migration
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.postgres.column_changes.sync_trigger import backfill_sql, create_sync_trigger
from strongroom.bootstrap.cli.app import app
from strongroom.domain.chat.message import Message
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.schema.column_change import RenameOrRetype
from strongroom.ports.change_feed import PositionValued
from strongroom.ports.criteria import Criteria, eq
from strongroom.ports.errors import SchemaMismatch, StorageError
from strongroom.testing.factory import World
from strongroom.testing.servers import fresh_database
from strongroom.testing.truncation import PostgresTruncater, empty_tables

PROJECT: Final = Path(__file__).parents[2]
ROLES: Final = ("schema_owner", "backend_migrator", "frontend_migrator")
BLOCK: Final = {
    "type": "block",
    "number": 17173049,
    "hash": "0x" + "1a" * 32,
    "parent_hash": "0x" + "1b" * 32,
    "timestamp": 1683000000,
    "transaction_count": 0,
}
COMMANDS: Final = """
    status {at}
    migrate --dry-run {at}
    migrate {at}
    migrate --repair {at}
    demo {at}
    portfolio ada@example.com {at}
    export --to {folder}/all {at}
    export Coin --to {folder}/coins.jsonl {at}
    export Coin --to {folder}/coins.csv --format csv {at}
    import folder {folder}/all {at}
    import jsonl Coin {folder}/coins.jsonl {at}
    import csv Coin {folder}/coins.csv {at}
    import prices {folder}/prices.csv --chain 1 {at}
    import uniswap-v3-minutes {folder}/pool.minute.csv {at}
    import ethereum-etl {folder}/etl {at}
    import token-list {folder}/tokens.json --chain 1 {at}
    import defillama-prices {folder}/llama.json --chain 1 {at}
    import defillama-yields {folder}/chart.json --pool 0xdA816459F1AB5631232FE5e97a05BBBb94970c95 {at}
    balances assert {folder}/known.csv --chain 1 {at}
    maintain {at}
    status {at}
    model check --scratch {scratch} {at}
    schema fingerprint --contract {folder} {at}
    schema diff {url} {url}
    schema impact {check} {at}
    schema check {check} {at}
    schema page --to {folder}/page.html {check} {at}
    schema guard status {guard}
    schema guard install {guard}
    schema guard remove --heir {heir} {guard}
"""
"""Every command that reads or writes the database, as the victim; the guard's, as a superuser."""
WITHOUT_DATABASE: Final = """
    schema replay {check}
    schema prisma generate --check {check}
    schema expand-contract rename coin.symbol ticker --dry-run {check}
    schema expand-contract type coin.decimals places bigint --dry-run {check}
    schema expand-contract drop coin.symbol --fill 1 --dry-run {check}
    schema expand-contract not-null coin.logo_url --fill 1 --dry-run {check}
"""
"""Commands that see a scratch database alone, in which no neighbour is, and the one over which that is made."""

OFFLINE: Final = {"model sql"}
"""Commands that ask no server."""


@frozen
class Place:
    """A database with the neighbour in it: the addresses of its superuser and of the victim, and what was replaced."""

    url: str
    victims_url: str
    run: str
    replaced: dict[str, int]


@pytest.fixture(scope="module")
async def hijacked(
    postgres_url: str, new_database: Callable[..., Awaitable[str]], migrated_template: str
) -> AsyncIterator[Place]:
    """A migrated database in which the neighbour answers every name of pg_catalog's."""
    server = await asyncpg.connect(postgres_url)
    run = uuid.uuid4().hex[:12]
    neighbour, victim = f"neighbour_{run}", f"victim_{run}"
    url = await new_database(migrated_template)
    await server.execute(f"CREATE ROLE {victim} LOGIN; CREATE ROLE {neighbour}")
    parts = urlsplit(url)
    victims_url = urlunsplit(parts._replace(netloc=f"{victim}@{parts.netloc.rpartition('@')[2]}"))
    yield Place(url, victims_url, run, await move_in(url, neighbour, victim))
    await server.execute(f'DROP DATABASE "{parts.path[1:]}" WITH (FORCE)')
    for role in (victim, neighbour, *(f"{role}_{run}" for role in ROLES)):
        await server.execute(f"DROP ROLE IF EXISTS {role}")
    await server.close()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """What every connection of the test is told."""
    with recording() as made:
        yield made


async def test_the_neighbour_answers_bare_names(hijacked: Place, recorder: Recorder) -> None:
    """The control: without a safe search path nobody but the neighbour is asked, and a cast needs none."""
    assert hijacked.replaced["function"] > 3000
    assert hijacked.replaced["aggregate"] > 260
    assert hijacked.replaced["operator"] > 890
    assert hijacked.replaced["cast"] > 20
    assert hijacked.replaced["relation"] > 100
    assert hijacked.replaced["type"] > 25
    connection = await asyncpg.connect(hijacked.victims_url)
    statements = (
        "SELECT count(*) FROM public.coin",
        "SELECT unnest('{a}'::pg_catalog.text[])",
        "SELECT FROM public.coin WHERE decimals + 1 > 2",
        "SELECT FROM public.coin JOIN public.coin AS other USING (standard)",
        "SELECT FROM public.coin WHERE standard IS DISTINCT FROM 'spl'",
        "SELECT pg_catalog.num_nulls('spl'::pg_catalog.text::public.coin_standard)",
        "SELECT FROM pg_class",
        "SELECT pg_catalog.num_nulls('a'::text)",
    )
    for statement in statements:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"denied for (function|aggregate|view)"):
            await connection.fetch(statement)
    await connection.close()
    assert {statement for _, statement in recorder.answered} == {*statements}
    superuser = await asyncpg.connect(hijacked.url)
    await superuser.fetch("SELECT unnest('{b}'::pg_catalog.text[])")
    await superuser.close()
    assert ("HIJACKED unnest(anyarray) of text", "SELECT unnest('{b}'::pg_catalog.text[])") in recorder.answered


@pytest.mark.parametrize("pooler_kind", ["session", "transaction"])
async def test_no_repository_asks_the_neighbour(
    hijacked: Place,
    recorder: Recorder,
    pooler_kind: Literal["session", "transaction"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every method of every repository, over every column and operator, directly and through a transaction pooler."""
    called = note_calls(monkeypatch)
    pooler = TransactionPooler(hijacked.victims_url)
    address = await pooler.start()
    settings = PostgresSettings(
        url=address if pooler_kind == "transaction" else hijacked.victims_url,
        direct_url=hijacked.victims_url,
        pooler=pooler_kind,
        min_size=1,
        max_size=4,
    )
    emptier = PostgresTruncater(hijacked.victims_url)
    try:
        emptier.truncate()
        async with await open_postgres(settings) as storage, storage.changes.subscribe(PositionValued):
            await exercise(storage, finder_calls(1))
    finally:
        emptier.close()
        await pooler.close()
    assert recorder.answered == set()
    assert len(recorder.statements) > 1000
    assert [call for call in operations() if call not in called] == []


async def test_an_implicit_cast_is_refused_not_called(database: str, recorder: Recorder) -> None:
    """The owner of an enumeration can make it comparable as text: PostgreSQL then finds the comparison ambiguous."""
    owner = await asyncpg.connect(database)
    await owner.execute(
        """
        CREATE FUNCTION public.as_text(coin_standard) RETURNS text LANGUAGE plpgsql
            AS 'BEGIN RAISE WARNING ''HIJACKED as_text''; RETURN NULL; END';
        CREATE CAST (coin_standard AS text) WITH FUNCTION public.as_text(coin_standard) AS IMPLICIT;
        """
    )
    await owner.close()
    async with await open_postgres(PostgresSettings(url=database, min_size=1, max_size=1)) as storage:
        coin = await World(storage).added(Coin)
        assert await storage.coins.upsert(coin) == coin
        with pytest.raises(StorageError, match="42725"):
            await storage.coins.find(Criteria(where=(eq("standard"),)), coin.standard)
    assert recorder.answered == set()


async def test_no_type_is_looked_up_by_the_neighbour(hijacked: Place, recorder: Recorder) -> None:
    """The driver looks up an unknown type of a result while a migration's own search path holds."""
    migration = Migration(
        side=Side.BACKEND,
        name="9999_rows",
        path=Path("9999_rows.sql"),
        sql="SELECT coin FROM public.coin WHERE symbol OPERATOR(pg_catalog.=) ';'",
        requires=(),
        in_transaction=True,
    )
    connection = await connect(hijacked.victims_url, statement_cache_size=0)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await apply_migration(connection, migration, lock_timeout=1, wait_timeout=1)
    finally:
        await transaction.rollback()
        await connection.close()
    assert recorder.answered == set()


@pytest.mark.parametrize(
    "planted",
    [
        """
        ALTER TABLE _prisma_migrations RENAME TO moved;
        CREATE VIEW _prisma_migrations AS
            SELECT id, checksum, finished_at, planted(migration_name) AS migration_name, rolled_back_at, started_at
            FROM moved;
        """,
        """
        CREATE TYPE label AS ENUM ('x');
        CREATE FUNCTION planted(label) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''HIJACKED label''; END';
        CREATE CAST (label AS text) WITH FUNCTION planted(label) AS IMPLICIT;
        DELETE FROM _prisma_migrations;
        ALTER TABLE _prisma_migrations ALTER migration_name TYPE label USING 'x';
        INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', 'x');
        """,
    ],
    ids=["a view in its place", "a type with a cast"],
)
async def test_no_history_of_the_other_side_runs_its_code(database: str, recorder: Recorder, planted: str) -> None:
    """Whoever owns a history can put a view in its place, or give a column another type: neither is asked."""
    owner = await asyncpg.connect(database)
    await owner.execute(
        f"""
        CREATE FUNCTION public.planted(varchar) RETURNS varchar LANGUAGE plpgsql AS
            'BEGIN RAISE WARNING ''HIJACKED planted''; RETURN $1; END';
        {planted}
        """
    )
    recorder.answered.clear()
    with pytest.raises(SchemaMismatch, match="a history of migrations is not the table that it has to be"):
        await Migrator(database).status()
    await owner.close()
    assert recorder.answered == set()


async def test_no_fixture_of_a_service_asks_the_neighbour(hijacked: Place, recorder: Recorder) -> None:
    """Test databases are made and dropped over a connection to a database that a neighbour may live in."""
    async with fresh_database(hijacked.url):
        pass
    assert recorder.answered == set()
    assert any("pg_database" in statement for statement in recorder.statements)


async def test_nothing_that_runs_later_asks_the_neighbour(hijacked: Place, recorder: Recorder) -> None:
    """Triggers, a materialized view and a column that changes mean PostgreSQL's own names in any session."""
    emptying = await connect(hijacked.victims_url)
    await empty_tables(emptying)
    await emptying.close()
    async with await open_postgres(PostgresSettings(url=hijacked.victims_url, min_size=1, max_size=1)) as storage:
        world = World(storage)
        position, flow, message = [await world.added(entity) for entity in (Position, PositionFlow, Message)]
    change = RenameOrRetype(schema="public", table="pool_token", column="weight", new="share", type="double precision")
    function, trigger = create_sync_trigger(change, "numeric")
    connection = await asyncpg.connect(hijacked.victims_url)
    for statement in (
        f"""
        INSERT INTO public.nmt_position_valuation (position_id, at, value_usd, shares, source)
        VALUES ('{position.id}', '2026-01-01Z', 1, 1, 'manual')
        """,
        f"""
        INSERT INTO public.messages (id, chat_id, sender_id, body, metadata)
        VALUES ('{uuid.uuid4()}', '{message.chat_id}', '{message.sender_id}', 'hello', '{{}}')
        """,
        "REFRESH MATERIALIZED VIEW CONCURRENTLY public.token_daily_values_mv",
        "ALTER TABLE public.pool_token ADD COLUMN share double precision",
        f"INSERT INTO public.pool_token VALUES ('{position.pool_id}', 1, '{flow.coin_id}', 0.5)",
        function,
        trigger,
        "UPDATE public.pool_token SET weight = 0.25",
        "UPDATE public.pool_token SET share = 0.125",
        "ALTER TABLE public.pool_token DISABLE TRIGGER USER",
        "UPDATE public.pool_token SET share = NULL",
        "ALTER TABLE public.pool_token ENABLE TRIGGER USER",
        backfill_sql(change),
    ):
        await connection.execute(statement)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("UPDATE public.nmt_position_flow SET log_index = NULL")
    share = await connection.fetchval("SELECT share FROM public.pool_token")
    await connection.close()
    assert share == 0.125
    assert recorder.answered == set()


def test_no_command_asks_the_neighbour(hijacked: Place, recorder: Recorder, tmp_path: Path) -> None:
    """All commands run, in a database with a pending migration in each history."""
    asyncio.run(forget_last_migrations(hijacked.url))
    options = write_files(hijacked, tmp_path)
    lines = [line.strip() for line in f"{COMMANDS.strip()}\n{WITHOUT_DATABASE.strip()}".splitlines()]
    assert {words for words in commands(app) if not any(line.startswith(words) for line in lines)} == OFFLINE
    for line in lines:
        before = recorder.statements.total()
        result = invoke(CliRunner(), *shlex.split(line.format(**options)))
        assert result.exit_code in {0, 1}, (line, result.output)
        assert recorder.statements.total() > before, line
    assert recorder.answered == set()
    assert len(recorder.statements) > 12_000


async def forget_last_migrations(url: str) -> None:
    """Have the last migration of either history be pending, which may be applied twice."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "pg_catalog"})
    for table, name in (("strongroom_migration", "name"), ("_prisma_migrations", "migration_name")):
        await connection.execute(f"DELETE FROM public.{table} WHERE {name} = (SELECT max({name}) FROM public.{table})")
    await connection.close()


def write_files(place: Place, folder: Path) -> dict[str, str]:
    """Write a contract with roles of this run's own, and files to import; return what the commands are given."""
    text = (PROJECT / "strongroom.toml").read_text(encoding="utf-8")
    for role in ROLES:
        text = text.replace(f'"{role}"', f'"{role}_{place.run}"')
    (folder / "strongroom.toml").write_text(text.replace('"migrations/', f'"{PROJECT}/migrations/'), encoding="utf-8")
    (folder / "prices.csv").write_text("time,USDC\n2026-01-01T00:00:00Z,1\n", encoding="utf-8")
    (folder / "pool.minute.csv").write_text(
        "timestamp,netAmount0,closeTick\n2023-08-13 00:00:00,-1,201101\n", encoding="utf-8"
    )
    coin = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
    (folder / "tokens.json").write_text(
        json.dumps({"tokens": [{"chainId": 1, "address": coin, "symbol": "USDC", "name": "USD Coin", "decimals": 6}]}),
        encoding="utf-8",
    )
    price = {"price": 1.0, "symbol": "USDC", "decimals": 6, "timestamp": 1_700_000_000}
    (folder / "llama.json").write_text(json.dumps({"coins": {f"ethereum:{coin}": price}}), encoding="utf-8")
    day = {"timestamp": "2026-01-01T00:00:00.000Z", "tvlUsd": 1, "apy": 2.5}
    (folder / "chart.json").write_text(json.dumps({"status": "success", "data": [day]}), encoding="utf-8")
    (folder / "known.csv").write_text(f"address,amount,coin\n{coin},0,{coin}\n", encoding="utf-8")
    (folder / "etl").mkdir()
    (folder / "etl" / "blocks.json").write_text(f"{json.dumps(BLOCK)}\n", encoding="utf-8")
    contract = f"--contract {shlex.quote(str(folder))}"
    return {
        "folder": shlex.quote(str(folder)),
        "url": shlex.quote(place.victims_url),
        "scratch": shlex.quote(place.url),
        "heir": f"victim_{place.run}",
        "at": f"--database {shlex.quote(place.victims_url)}",
        "check": f"{contract} --scratch {shlex.quote(place.url)}",
        "guard": f"{contract} --database {shlex.quote(place.url)}",
    }


def commands(group: Any, words: tuple[str, ...] = ()) -> set[str]:
    """Return the words of every command of a group."""
    found = {" ".join((*words, command.name)) for command in group.registered_commands}
    for inner in group.registered_groups:
        found |= commands(inner.typer_instance, (*words, inner.typer_instance.info.name))
    return found
