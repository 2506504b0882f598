"""What ``strongroom status`` says of what is stored: all entities, and how fresh the materialized view is."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from support.commands import answer, invoke
from typer.testing import CliRunner

from strongroom import FixedClock, open_storage
from strongroom.adapters.mapping.platform import PLATFORM

VIEW = "token_daily_values_mv"


def status(cli: CliRunner, database: str) -> tuple[dict[str, Any], str]:
    """Return what ``status`` says to machines, and to people."""
    return answer(cli, "status", "--database", database), invoke(cli, "status", "--database", database).output


async def refresh(database: str, at: datetime) -> None:
    """Refresh the view by a clock that says a time."""
    async with open_storage(database, clock=FixedClock(at), min_size=1) as storage:
        await storage.token_daily_values.refresh()


async def empty(database: str) -> None:
    """Leave the view as one that was never filled."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(f"REFRESH MATERIALIZED VIEW {VIEW} WITH NO DATA")
    finally:
        await connection.close()


def test_all_entities_are_listed_with_owner_table_kind_and_rows(cli: CliRunner, filled: str) -> None:
    """All of the model; two owners; tables, partitioned tables, and one materialized view."""
    document, shown = status(cli, filled)
    tables = document["tables"]
    assert {name: each["entity"] for name, each in tables.items()} == {
        table.name: table.label for table in PLATFORM.entities
    }
    for name, kind, owner in (
        ("user", "table", "frontend"),
        ("chats", "table", "frontend"),
        ("nmt_pool", "table", "backend"),
        ("price", "partitioned table", "backend"),
        ("apy_history", "partitioned table", "backend"),
        (VIEW, "materialized view", "backend"),
    ):
        assert (tables[name]["kind"], tables[name]["owner"]) == (kind, owner)
    assert [name for name, each in tables.items() if each["kind"] == "materialized view"] == [VIEW]
    assert tables["user"]["rows"] == 4
    assert all(isinstance(each["rows"], int) for each in tables.values())
    for name in tables:
        assert name in shown


def test_the_age_of_the_view_is_shown(cli: CliRunner, database: str) -> None:
    """Never refreshed, refreshed at a time and so long ago; a clock that is ahead makes it no younger than now."""
    document, shown = status(cli, database)
    view = document["tables"][VIEW]
    assert (view["rows"], view["refreshed_at"], view["age_seconds"]) == (0, None, None)
    assert f"{VIEW}: not refreshed since it was made" in shown
    for hours in (50, -1):
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=hours)
        asyncio.run(refresh(database, at))
        document, shown = status(cli, database)
        view = document["tables"][VIEW]
        assert datetime.fromisoformat(view["refreshed_at"]) == at
        assert f"{VIEW}: refreshed at {at:%Y-%m-%d %H:%M:%S} UTC" in shown
        assert abs(view["age_seconds"] - max(0, hours) * 3600) < 60
        assert ("2 days, 2:0" in shown) == (hours == 50)


def test_a_view_that_was_never_refreshed_is_reported(cli: CliRunner, database: str) -> None:
    """Its rows are not counted, the others are, and the status is still good."""
    asyncio.run(empty(database))
    document, shown = status(cli, database)
    assert (document["tables"][VIEW]["rows"], document["up_to_date"]) == (None, True)
    assert document["tables"]["user"]["rows"] == 0
    assert f"{VIEW}: never filled" in shown


def test_what_is_called_in_place_of_postgresqls_own_is_told(cli: CliRunner, database: str) -> None:
    """Functions, aggregates and operators with the names of PostgreSQL's own, and casts to types of others."""
    assert status(cli, database)[0]["shadows"] == []
    neighbour = f"neighbour_{uuid.uuid4().hex[:12]}"
    asyncio.run(
        execute(
            database,
            f"""
            CREATE ROLE {neighbour};
            ALTER TYPE chain_family OWNER TO {neighbour};
            CREATE FUNCTION public.unnest(uuid[]) RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid';
            CREATE AGGREGATE public.array_agg(text) (sfunc = array_append, stype = text[]);
            CREATE FUNCTION public.same(chain_family, chain_family) RETURNS boolean LANGUAGE sql AS 'SELECT true';
            CREATE FUNCTION public.read(text) RETURNS chain_family LANGUAGE sql AS 'SELECT NULL::chain_family';
            CREATE OPERATOR public.= (LEFTARG = chain_family, RIGHTARG = chain_family, FUNCTION = public.same);
            CREATE OPERATOR public.=== (LEFTARG = chain_family, RIGHTARG = chain_family, FUNCTION = public.same);
            CREATE CAST (text AS chain_family) WITH FUNCTION public.read(text);
            """,
        )
    )
    try:
        document, shown = status(cli, database)
    finally:
        asyncio.run(execute(database, f"DROP OWNED BY {neighbour} CASCADE; DROP ROLE {neighbour}"))
    assert {each["object"]: each["of"] for each in document["shadows"]} == {
        "function public.unnest(uuid[])": "function",
        "function public.array_agg(text)": "function",
        "operator public.=(public.chain_family,public.chain_family)": "operator",
        "cast from text to public.chain_family": "conversion",
    }
    for each in document["shadows"]:
        assert f"{each['object']} is called in place of a {each['of']} of pg_catalog" in shown


async def execute(database: str, sql: str) -> None:
    """Run statements."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
