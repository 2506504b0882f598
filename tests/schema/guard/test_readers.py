"""What a side may do with the other's rows: all to read by default, else what the contract names."""

import asyncpg
import pytest
from attrs import evolve

from strongroom.adapters.schema.postgres.guard import install, status
from strongroom.domain.schema.contract import Ownership, Pattern, ReadGrant, Write

READERS = (
    ReadGrant("frontend", Pattern("public", "coin"), columns=("id", "symbol")),
    ReadGrant("frontend", Pattern("public", "eth_*"), columns=()),
    ReadGrant("frontend", Pattern("public", "swaps"), writes=frozenset({Write.INSERT, Write.UPDATE})),
    ReadGrant("frontend", Pattern("public", "token_daily_values_mv"), columns=("day",)),
    ReadGrant("backend", Pattern("*", "*"), columns=()),
    ReadGrant("backend", Pattern("public", "user"), columns=("id",)),
)
PERMITTED = [
    ("frontend", "SELECT id, symbol FROM coin"),
    ("frontend", "CREATE TABLE extra (coin_id uuid REFERENCES coin (id))"),
    ("frontend", "SELECT * FROM price"),
    ("frontend", "SELECT day FROM token_daily_values_mv"),
    ("frontend", "UPDATE swaps SET value_usd = 1"),
    ("frontend", "INSERT INTO swaps SELECT * FROM swaps"),
    ("backend", 'SELECT id FROM "user"'),
    ("backend", 'CREATE TABLE extra (user_id uuid REFERENCES "user" (id))'),
]
REFUSED = [
    ("frontend", "SELECT name FROM coin"),
    ("frontend", "SELECT * FROM coin"),
    ("frontend", "CREATE TABLE extra (a bigint, b text, FOREIGN KEY (a, b) REFERENCES coin (chain_id, address))"),
    ("frontend", "SELECT hash FROM eth_transaction"),
    ("frontend", "SELECT coin_id FROM token_daily_values_mv"),
    ("frontend", "DELETE FROM swaps"),
    ("frontend", "UPDATE price SET price_usd = 1"),
    ("backend", 'SELECT email FROM "user"'),
    ("backend", "SELECT id FROM goal"),
    ("backend", "CREATE TABLE extra (goal_id uuid REFERENCES goal (id))"),
]


@pytest.fixture
async def restricted(with_triggers):
    """A connection to a database whose contract says who reads what; rolled back."""
    place = evolve(with_triggers, contract=evolve(with_triggers.contract, readers=READERS))
    async with place.rolled_back() as connection:
        assert (await install(connection, place.contract)).complete
        yield place, connection


@pytest.mark.parametrize(("side", "script"), PERMITTED, ids=[script for _, script in PERMITTED])
async def test_a_side_reads_and_refers_to_what_the_contract_names(restricted, side, script):
    """Columns that are named are enough for a query that lists them, and for a foreign key."""
    place, connection = restricted
    await place.act(connection, side, script)


@pytest.mark.parametrize(("side", "script"), REFUSED, ids=[script for _, script in REFUSED])
async def test_a_side_is_kept_from_what_the_contract_does_not_name(restricted, side, script):
    """PostgreSQL refuses by its own privileges."""
    place, connection = restricted
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.act(connection, side, script)


async def test_a_contract_that_opens_again_opens_the_database(restricted, with_triggers):
    """Grants on columns give way to grants on the whole, and the status follows the contract."""
    _, connection = restricted
    assert not all(one.in_place for one in await status(connection, with_triggers.contract))
    assert (await install(connection, with_triggers.contract)).complete
    await with_triggers.act(connection, "frontend", "SELECT * FROM coin")
    await with_triggers.act(connection, "backend", "SELECT * FROM goal")


async def test_future_tables_are_not_opened_by_a_side_that_reads_nothing_by_default(restricted):
    """Default privileges follow the glob that would match a new name."""
    place, connection = restricted
    await place.act(connection, "frontend", "CREATE TABLE extra (id integer)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.act(connection, "backend", "SELECT id FROM extra")


async def test_a_column_that_is_not_there_is_reported(with_triggers):
    """The contract is wrong, and the rest of the table's columns are granted all the same."""
    readers = (ReadGrant("frontend", Pattern("public", "coin"), columns=("id", "colour")),)
    contract = evolve(with_triggers.contract, readers=readers)
    async with with_triggers.rolled_back() as connection:
        report = await install(connection, contract)
        assert [step.what for step in report.steps if step.why] == [
            f"{with_triggers.role('frontend')} is to read table public.coin.colour, which is not there"
        ]
        await with_triggers.act(connection, "frontend", "SELECT id FROM coin")


async def test_a_service_works_with_rows_and_changes_no_schema(with_triggers):
    """It writes its side's tables, numbers included, reads the other's, and owns nothing."""
    backend, frontend = with_triggers.contract.sides
    contract = evolve(
        with_triggers.contract,
        sides=(evolve(backend, services=(f"{backend.role}_service",)), frontend),
        ownership=(*with_triggers.contract.ownership, Ownership("backend", None, Pattern("public", "extra"))),
    )
    async with with_triggers.rolled_back() as connection:
        await with_triggers.act(connection, "backend", "CREATE TABLE extra (id serial PRIMARY KEY)")
        assert (await install(connection, contract)).complete
        await with_triggers.act(connection, "backend", "CREATE TABLE later (id serial PRIMARY KEY)")
        await connection.execute(f"SET SESSION AUTHORIZATION {backend.role}_service")
        for script in (
            "INSERT INTO extra DEFAULT VALUES",
            "INSERT INTO later DEFAULT VALUES",
            "UPDATE coin SET name = 'x'",
            "SELECT * FROM goal",
            "CREATE TEMPORARY TABLE mine (id integer)",
        ):
            await connection.execute(script)
        for script in (
            "ALTER TABLE coin ADD COLUMN extra integer",
            "CREATE TABLE mine_for_good (id integer)",
            "TRUNCATE coin CASCADE",
            "UPDATE goal SET name = 'x'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(script)


async def test_a_service_reads_the_history_of_its_side_and_writes_none(with_triggers):
    """Emptied, the history would have every migration applied again; a row more would hide one that is pending."""
    backend, frontend = with_triggers.contract.sides
    sides = tuple(evolve(side, services=(f"{side.role}_service",)) for side in (backend, frontend))
    contract = evolve(with_triggers.contract, sides=sides)
    async with with_triggers.rolled_back() as connection:
        assert (await install(connection, contract)).complete
        for side, history in zip(sides, ("strongroom_migration", "_prisma_migrations"), strict=True):
            (role,) = side.services
            await connection.execute(f"SET SESSION AUTHORIZATION {role}; SELECT * FROM {history}")
            for statement in (
                f"DELETE FROM {history}",
                f"INSERT INTO {history} SELECT * FROM {history}",
                f"UPDATE {history} SET checksum = ''",
                f"TRUNCATE {history}",
                f"LOCK {history} IN EXCLUSIVE MODE",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with connection.transaction():
                        await connection.execute(statement)
            await connection.execute("RESET SESSION AUTHORIZATION")


async def test_a_migrator_reads_no_table_through_a_policy_of_the_other_side(with_triggers):
    """A policy runs as its reader: PostgreSQL refuses the query instead, and the policy's function is not called."""
    trap = """
        CREATE FUNCTION seen() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'ran as %', current_user; END $$;
        ALTER TABLE goal ENABLE ROW LEVEL SECURITY;
        CREATE POLICY seen ON goal USING (seen())
    """
    undone = "ALTER TABLE goal DISABLE ROW LEVEL SECURITY; DROP POLICY seen ON goal; DROP FUNCTION seen()"
    async with (
        with_triggers.connected(with_triggers.role("frontend")) as frontend,
        with_triggers.connected(with_triggers.role("backend")) as backend,
    ):
        await frontend.execute(trap)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="affected by row-level security policy"):
                await backend.fetch("SELECT count(*) FROM goal")
        finally:
            await frontend.execute(undone)


async def test_a_migrator_runs_no_policy_in_a_copy_of_the_database(unguarded, with_triggers):
    """The setting is the role's own, so it holds in every database of the server, also in one that nobody guarded."""
    assert with_triggers.report.complete
    for side in ("backend", "frontend"):
        async with unguarded.connected(unguarded.role(side)) as connection:
            assert await connection.fetchval("SHOW row_security") == "off"
