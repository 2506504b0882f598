"""What a superuser's maintenance runs of a side's code, it runs with the side's rights: none of it takes over."""

import pytest

BAIT = """
    CREATE FUNCTION take_over() RETURNS text VOLATILE LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
            EXECUTE 'ALTER ROLE {me} SUPERUSER';
        END IF;
        RETURN current_user;
    END $$;
    CREATE FUNCTION bait(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS
        $$ BEGIN RETURN $1 || public.take_over(); END $$;
    CREATE TABLE baited (name text, more text GENERATED ALWAYS AS (bait(name)) STORED);
    INSERT INTO baited (name) SELECT 'row ' || n FROM generate_series(1, 50) AS n;
    CREATE INDEX baited_name ON baited ((bait(name)));
    CREATE STATISTICS baited_both ON (bait(name)), name FROM baited;
    CREATE MATERIALIZED VIEW baited_view AS SELECT bait(name) AS name FROM baited
"""
MAINTENANCE = {
    "analyze": "ANALYZE baited",
    "reindex": "REINDEX TABLE baited",
    "cluster": "CLUSTER baited USING baited_name",
    "refresh": "REFRESH MATERIALIZED VIEW baited_view",
}


@pytest.fixture(scope="module")
async def baited(superuser, with_triggers):
    """The shared connection in a transaction in which the frontend has put its code wherever maintenance runs it."""
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute(f"SET SESSION AUTHORIZATION {with_triggers.role('frontend')}")
    await superuser.execute(BAIT.format(me=with_triggers.role("frontend")))
    await superuser.execute("RESET SESSION AUTHORIZATION")
    yield superuser
    await transaction.rollback()


@pytest.mark.parametrize("statement", MAINTENANCE.values(), ids=MAINTENANCE)
async def test_a_superuser_s_maintenance_gives_no_rights_away(baited, with_triggers, statement):
    """The code runs, as the table's owner."""
    await baited.execute(statement)
    super_users = await baited.fetch("SELECT rolname FROM pg_roles WHERE rolsuper")
    assert with_triggers.role("frontend") not in {name for (name,) in super_users}


async def test_the_bait_works_where_a_superuser_calls_it(baited, with_triggers):
    """The bait is no dud: read by a superuser's own query, it does take over."""
    savepoint = baited.transaction()
    await savepoint.start()
    await baited.execute("SELECT bait('x')")
    taken_over = await baited.fetchval(
        "SELECT rolsuper FROM pg_roles WHERE rolname = $1", with_triggers.role("frontend")
    )
    await savepoint.rollback()
    assert taken_over
