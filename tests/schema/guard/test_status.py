"""The status finds each protection broken when it is broken, and installing again mends what the guard may mend."""

from datetime import date

import pytest
from attrs import evolve

from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.guard import PROTECTIONS, install, status
from strongroom.adapters.schema.postgres.guard.session import trusted_session
from strongroom.domain.schema.check import check_contract
from strongroom.domain.schema.contract import Ownership, Pattern

LOOKS = {one.name: one.probe for one in PROTECTIONS}
WHILE_OFF = """
    ALTER EVENT TRIGGER strongroom_guard_ddl DISABLE;
    {};
    ALTER EVENT TRIGGER strongroom_guard_ddl ENABLE
"""
EMPTIED = """
    CREATE OR REPLACE FUNCTION strongroom_guard.on_sql_drop() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END'
"""
MENDED = [
    ("memberships", "GRANT {owner} TO {frontend}"),
    ("memberships", "GRANT {backend} TO {frontend}"),
    ("memberships", "CREATE ROLE other; ALTER DATABASE {database} OWNER TO other; GRANT other TO {backend}"),
    ("database", "ALTER DATABASE {database} OWNER TO {backend}"),
    ("database", "REVOKE CONNECT ON DATABASE {database} FROM PUBLIC"),
    ("database", "GRANT CREATE ON DATABASE {database} TO {frontend}"),
    ("roles", "GRANT SET ON PARAMETER session_replication_role TO {frontend}"),
    ("memberships", "GRANT pg_execute_server_program TO {frontend}"),
    ("sessions", "ALTER ROLE {backend} IN DATABASE {database} SET row_security = on"),
    ("sessions", "ALTER ROLE {backend} RESET row_security"),
    ("schemas", "CREATE ROLE stranger; GRANT CREATE ON SCHEMA public TO stranger"),
    ("schemas", "ALTER SCHEMA public OWNER TO {frontend}"),
    ("schemas", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
    ("schemas", "REVOKE CREATE ON SCHEMA public FROM {backend}"),
    ("schemas", "REVOKE USAGE ON SCHEMA public FROM PUBLIC, {backend}"),
    ("owners", "ALTER TABLE coin OWNER TO {frontend}"),
    ("owners", "ALTER TABLE price_2026_01 OWNER TO {frontend}"),
    ("owners", "ALTER TYPE flow_kind OWNER TO {frontend}"),
    ("owners", "ALTER FUNCTION refuse_update() OWNER TO {frontend}"),
    ("owners", "ALTER MATERIALIZED VIEW token_daily_values_mv OWNER TO {frontend}"),
    ("grants", "GRANT INSERT ON coin TO {frontend}"),
    ("grants", "GRANT TRUNCATE ON price_2026_01 TO {frontend}"),
    ("grants", "GRANT UPDATE (name) ON coin TO {frontend}"),
    ("grants", "GRANT TRIGGER ON coin TO PUBLIC"),
    ("grants", "REVOKE SELECT ON coin FROM {frontend}"),
    ("grants", "REVOKE REFERENCES ON chain FROM {frontend}"),
    (
        "defaults",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {backend} IN SCHEMA public REVOKE SELECT ON TABLES FROM {frontend}",
    ),
    ("defaults", "ALTER DEFAULT PRIVILEGES FOR ROLE {backend} IN SCHEMA public GRANT INSERT ON TABLES TO {frontend}"),
    ("defaults", "ALTER DEFAULT PRIVILEGES FOR ROLE {backend} GRANT DELETE ON TABLES TO {frontend}"),
    ("event triggers", "ALTER EVENT TRIGGER strongroom_guard_ddl DISABLE"),
    ("event triggers", "ALTER EVENT TRIGGER strongroom_guard_drop ENABLE REPLICA"),
    ("event triggers", "DROP EVENT TRIGGER strongroom_guard_drop"),
    ("event triggers", "ALTER FUNCTION strongroom_guard.on_sql_drop() SECURITY INVOKER"),
    ("event triggers", WHILE_OFF.format("ALTER FUNCTION strongroom_guard.acting_side() OWNER TO {backend}")),
    ("event triggers", WHILE_OFF.format("ALTER TABLE strongroom_guard.ddl_log OWNER TO {backend}")),
    ("event triggers", EMPTIED),
    ("register", "DELETE FROM strongroom_guard.side_role"),
    ("register", "UPDATE strongroom_guard.declared SET side = 'backend'"),
    ("register", "DELETE FROM strongroom_guard.owned WHERE name = 'coin'"),
    ("register", "UPDATE strongroom_guard.owned SET side = 'frontend' WHERE name = 'coin'"),
    ("register", "REVOKE SELECT ON strongroom_guard.ddl_log FROM {backend}"),
]
FOR_PEOPLE = [
    ("roles", "ALTER ROLE {backend} SUPERUSER"),
    ("roles", "ALTER ROLE {owner} LOGIN"),
    ("memberships", "CREATE ROLE between; GRANT {backend} TO between; GRANT between TO {frontend}"),
    ("grants", "CREATE ROLE between; GRANT DELETE ON coin TO between; GRANT between TO {frontend}"),
    ("grants", "GRANT pg_write_all_data TO {frontend}"),
    ("owners", "CREATE TABLE nobodys (id integer)"),
    ("owners", "ALTER TABLE swaps RENAME TO trades; CREATE VIEW swaps AS SELECT 1 AS x"),
    ("roles", "ALTER ROLE {backend} CREATEROLE"),
    ("roles", "ALTER ROLE {backend} REPLICATION"),
    ("grants", "CREATE ROLE stranger; GRANT INSERT ON coin TO stranger"),
    ("names", "CREATE FUNCTION unnest(uuid[]) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'"),
]


async def broken(place, connection, script, protection):
    """Break something as the superuser, and return the gaps of a protection then."""
    names = {
        "owner": place.contract.owner_role,
        "backend": place.role("backend"),
        "frontend": place.role("frontend"),
        "database": await connection.fetchval("SELECT current_database()"),
    }
    await connection.execute(script.format(**names))
    return await gaps(place, connection, protection)


async def gaps(place, connection, protection):
    """Return what one protection lacks."""
    async with trusted_session(connection):
        return await LOOKS[protection](connection, place.contract)


@pytest.mark.parametrize(("protection", "script"), MENDED, ids=[script for _, script in MENDED])
async def test_broken_protections_are_found_and_fixed(with_triggers, protection, script):
    """The protection is reported by its name, and after another installation all is in place."""
    async with with_triggers.rolled_back() as connection:
        assert await broken(with_triggers, connection, script, protection)
        assert (await install(connection, with_triggers.contract)).complete
        assert await gaps(with_triggers, connection, protection) == []


@pytest.mark.parametrize(("protection", "script"), FOR_PEOPLE, ids=[script for _, script in FOR_PEOPLE])
async def test_manual_fixes_are_found_and_explained(with_triggers, protection, script):
    """The guard names it, changes nothing about it, and is not complete."""
    async with with_triggers.rolled_back() as connection:
        assert await broken(with_triggers, connection, script, protection)
        report = await install(connection, with_triggers.contract)
        assert protection in {step.protection for step in report.steps if step.why}


async def test_a_user_without_access_to_the_register_is_told(with_triggers):
    """The status does not guess, and does not fail."""
    async with with_triggers.connected(with_triggers.administrator) as connection:
        found = {
            one.name: one.deviations for one in await status(connection, with_triggers.contract) if not one.in_place
        }
    assert found.keys() == {"register"}
    assert "may not look" in found["register"][0]


@pytest.mark.parametrize("side", ["backend", "frontend"])
async def test_a_side_can_read_the_status(with_triggers, side):
    """The status needs no more than a side's own role."""
    async with with_triggers.connected(with_triggers.role(side)) as connection:
        assert all(one.in_place for one in await status(connection, with_triggers.contract))


async def test_a_side_s_own_migrations_break_no_protection(with_triggers):
    """New tables, partitions, views, types and functions come with the right owners and grants by themselves."""
    backend, frontend = with_triggers.contract.sides
    contract = evolve(
        with_triggers.contract,
        sides=(evolve(backend, services=(f"{backend.role}_service",)), frontend),
        ownership=(*with_triggers.contract.ownership, Ownership("backend", None, Pattern("public", "extra*"))),
    )
    async with with_triggers.rolled_back() as connection:
        await install(connection, contract)
        await with_triggers.act(
            connection,
            "backend",
            """
            CREATE TYPE extra_kind AS ENUM ('one');
            CREATE TABLE extra (id serial PRIMARY KEY, user_id uuid REFERENCES "user" (id), kind extra_kind);
            CREATE VIEW extra_view AS SELECT id FROM extra;
            CREATE MATERIALIZED VIEW extra_mv AS SELECT id FROM extra;
            CREATE SEQUENCE extra_numbers;
            CREATE FUNCTION extra() RETURNS integer LANGUAGE sql AS 'SELECT 1';
            CREATE TABLE price_2030_01 PARTITION OF price FOR VALUES FROM ('2030-01-01') TO ('2030-02-01')
            """,
        )
        assert {one.name: one.deviations for one in await status(connection, contract) if not one.in_place} == {}


async def test_the_check_finds_an_object_that_has_taken_a_name(with_triggers):
    """As the status of the guard does, once for the object: it is not said to have no owner besides."""
    async with with_triggers.rolled_back() as connection:
        await connection.execute("ALTER TABLE swaps RENAME TO swaps_before; CREATE VIEW swaps AS SELECT 1 AS x")
        catalog = await read_catalog(connection, ["public"])
    checked = check_contract(with_triggers.contract, catalog, [], today=date(2026, 1, 1), baseline={})
    assert [(str(one.target), one.rule, one.found) for one in checked.findings] == [
        ("view public.swaps", "ownership", "the name of the table public.swaps"),
        ("table public.swaps_before", "ownership", "it has none"),
    ]
