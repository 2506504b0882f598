"""Installing and removing the guard: whole for a superuser, honest for anybody else, and safe to run again."""

import asyncpg
import pytest
from attrs import evolve

from strongroom.adapters.postgres.locks import MIGRATOR_KEY, PRISMA_KEY
from strongroom.adapters.postgres.migrator import MigrationBlocked
from strongroom.adapters.schema.postgres.guard import GuardOutcome, install, remove, status

TRIGGERS_ALONE = {"event triggers", "register"}


async def lacking(connection, contract):
    """Return the names of the protections that are not in place."""
    return {one.name for one in await status(connection, contract) if not one.in_place}


def impossible(report):
    """Return why what could not be done could not be, by protection."""
    return {step.protection: step.why for step in report.steps if step.outcome is GuardOutcome.NOT_POSSIBLE}


async def test_no_protection_is_in_place_before_installation(unguarded):
    """The status looks at the database, and finds the schema and every object in one hand."""
    async with unguarded.connected() as connection:
        found = await lacking(connection, unguarded.contract)
    assert {"schemas", "owners", "grants", "defaults", *TRIGGERS_ALONE} <= found


async def test_a_superuser_installs_every_protection(with_triggers):
    """Nothing is left over, and the status sees each protection in place."""
    assert with_triggers.report.complete
    assert impossible(with_triggers.report) == {}
    async with with_triggers.connected() as connection:
        assert await lacking(connection, with_triggers.contract) == set()


async def test_an_administrator_installs_all_but_the_event_triggers_and_is_told_so(without_triggers):
    """What needs a superuser is named, with PostgreSQL's reason; the rest is in place."""
    refused = impossible(without_triggers.report)
    assert refused.keys() == TRIGGERS_ALONE
    assert "42501" in refused["event triggers"]
    assert not without_triggers.report.complete
    async with without_triggers.connected(without_triggers.administrator) as connection:
        assert await lacking(connection, without_triggers.contract) == TRIGGERS_ALONE


async def test_a_user_without_rights_gets_a_reason_for_every_deviation(unguarded):
    """No error, no half of it: each step is not possible, with PostgreSQL's reason."""
    async with unguarded.rolled_back() as connection:
        await connection.execute("CREATE ROLE stranger LOGIN; SET SESSION AUTHORIZATION stranger")
        before = await status(connection, unguarded.contract)
        report = await install(connection, unguarded.contract)
        assert [step for step in report.steps if step.outcome is GuardOutcome.DONE] == []
        assert {"schemas", "owners", "grants", "event triggers"} <= impossible(report).keys()
        assert await status(connection, unguarded.contract) == before


async def test_an_administrator_keeps_no_membership_that_it_took_for_the_installation(without_triggers):
    """Nobody is left who can act as the owner role, or as a migrator, without granting it to themselves again."""
    place = without_triggers
    async with place.connected(place.administrator) as connection:
        for role in (place.contract.owner_role, place.role("backend"), place.role("frontend")):
            assert not await connection.fetchval("SELECT pg_has_role($1, 'SET') OR pg_has_role($1, 'USAGE')", role)


async def test_installing_again_changes_nothing(guarded):
    """Each protection is reported as being so already, or as not possible as before."""
    role = None if guarded.report.complete else guarded.administrator
    async with guarded.connected(role) as connection:
        report = await install(connection, guarded.contract)
    assert GuardOutcome.DONE not in {step.outcome for step in report.steps}
    assert impossible(report) == impossible(guarded.report)


async def test_a_migrator_that_owns_the_database_loses_it(places, unguarded):
    """The database's owner could drop it, and owns the schema `public` by being that; the objects follow as well."""
    place = await places.database(unguarded)
    role = place.role("backend")
    async with place.connected() as connection:
        database = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {database} OWNER TO {role}")
        report = await install(connection, place.contract)
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert await connection.fetchval(owner) == place.contract.owner_role
        assert report.complete
    async with place.connected(role) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DROP SCHEMA public CASCADE")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"ALTER DATABASE {database} OWNER TO {role}")


@pytest.mark.parametrize("key", [MIGRATOR_KEY, PRISMA_KEY])
async def test_installation_waits_for_both_migrators_and_times_out(unguarded, key):
    """A migration that runs meanwhile would make objects that the guard does not see."""
    async with unguarded.connected() as migrator, unguarded.connected() as connection:
        await migrator.execute("SELECT pg_advisory_lock($1)", key)
        with pytest.raises(MigrationBlocked, match="held its lock"):
            await install(connection, unguarded.contract, wait_timeout=0.05)
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        assert await connection.fetchval(held) == 0


async def test_a_table_in_use_is_not_queued_for(unguarded):
    """The guard gives up after its lock timeout, and the database is as it was."""
    async with unguarded.connected() as reader, unguarded.connected() as connection:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM wallet")
            with pytest.raises(MigrationBlocked, match="in use"):
                await install(connection, unguarded.contract, lock_timeout=0.05)
        owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert await connection.fetch(owners) == [(unguarded.administrator,)]


async def test_an_object_that_the_contract_leaves_out_is_reported_and_left_alone(with_triggers):
    """Its owner is for people to decide."""
    async with with_triggers.rolled_back() as connection:
        await connection.execute("CREATE TABLE nobodys (id integer)")
        report = await install(connection, with_triggers.contract)
        found = [step for step in report.steps if step.outcome is GuardOutcome.NOT_POSSIBLE]
        assert [step.what for step in found] == ["table public.nobodys has no owner: name it in the contract"]


async def test_roles_and_schemas_that_are_missing_are_made(with_triggers):
    """A role cannot log in before somebody gives it a password, and a schema belongs to the owner role."""
    contract = with_triggers.contract
    backend, frontend = contract.sides
    wanted = evolve(contract, sides=(backend, evolve(frontend, role="fresh role", schemas=("public", "fresh schema"))))
    async with with_triggers.rolled_back() as connection:
        await install(connection, wanted)
        assert await lacking(connection, wanted) == set()
        assert not await connection.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'fresh role'")
        owner = "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'fresh schema'"
        assert await connection.fetchval(owner) == contract.owner_role


async def test_names_are_quoted_wherever_they_come_from(with_triggers):
    """A table, a column and a role whose names are SQL are names, and nothing else."""
    nasty = 'x"; DROP TABLE coin; --'
    quoted = '"' + nasty.replace('"', '""') + '"'
    contract = with_triggers.contract
    backend, frontend = contract.sides
    wanted = evolve(contract, sides=(backend, evolve(frontend, role=nasty)))
    async with with_triggers.rolled_back() as connection:
        await connection.execute(f"CREATE TABLE {quoted} ({quoted} integer)")
        await install(connection, wanted)
        assert await connection.fetchval("SELECT to_regclass('coin') IS NOT NULL")
        owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'goal'"
        assert await connection.fetchval(owner) == nasty


async def test_removed_it_leaves_the_owners_and_takes_the_event_triggers(with_triggers):
    """The schema stays with the owner role; the event triggers, the register and the log are gone."""
    async with with_triggers.rolled_back() as connection:
        assert (await remove(connection, with_triggers.contract)).complete
        assert await lacking(connection, with_triggers.contract) == set(TRIGGERS_ALONE)


async def test_removal_with_an_heir_gives_everything_to_it(with_triggers):
    """The heir owns the schema and every object, as before the guard."""
    async with with_triggers.rolled_back() as connection:
        report = await remove(connection, with_triggers.contract, heir=with_triggers.administrator)
        assert report.complete
        owners = """
            SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'
        """
        assert await connection.fetch(owners) == [(with_triggers.administrator,)]
