"""No side makes what PostgreSQL would call in place of its own; what is there already is told."""

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.adapters.schema.postgres.guard import PROTECTIONS, install, remove, status
from strongroom.adapters.schema.postgres.guard.session import trusted_session

PROBE = {one.name: one.probe for one in PROTECTIONS}["names"]
FUNCTION = "CREATE FUNCTION public.mine(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';"
MADE = {
    "function": "CREATE FUNCTION public.unnest(uuid[]) RETURNS SETOF uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "procedure": "CREATE PROCEDURE public.lower(name) LANGUAGE sql AS ''",
    "aggregate": "CREATE AGGREGATE public.array_agg(text) (SFUNC = textcat, STYPE = text)",
    "operator": (
        "CREATE FUNCTION public.same(goal_status, goal_status) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        "CREATE OPERATOR public.= (LEFTARG = goal_status, RIGHTARG = goal_status, FUNCTION = public.same)"
    ),
    "prefix operator": f"{FUNCTION} CREATE OPERATOR public.@ (RIGHTARG = text, FUNCTION = public.mine)",
    "domain": f"{FUNCTION} CREATE DOMAIN public.to_regclass AS text CHECK (public.mine(VALUE))",
    "enum": "CREATE TYPE public.upper AS ENUM ()",
    "range": "CREATE TYPE public.btrim AS RANGE (SUBTYPE = text)",
    "multirange": "CREATE TYPE public.of_text AS RANGE (SUBTYPE = text, MULTIRANGE_TYPE_NAME = concat)",
    "cast": "CREATE CAST (goal_status AS text) WITH INOUT AS IMPLICIT",
    "cast by a function": (
        "CREATE FUNCTION public.spell(goal_status) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';"
        "CREATE CAST (goal_status AS text) WITH FUNCTION public.spell(goal_status)"
    ),
    "cast of the other's type": "CREATE CAST (goal_status AS payment_status) WITH INOUT",
}
RENAMED = {
    "function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION mine RENAME TO now",
    "aggregate": (
        "CREATE AGGREGATE public.mine(text) (SFUNC = textcat, STYPE = text);"
        "ALTER AGGREGATE public.mine(text) RENAME TO string_agg"
    ),
    "domain": "CREATE DOMAIN public.mine AS text; ALTER DOMAIN public.mine RENAME TO lower",
    "enum": "CREATE TYPE public.mine AS ENUM (); ALTER TYPE public.mine RENAME TO lower",
}
LEFT = {
    "a function of another name": FUNCTION,
    "an operator of another name": f"{FUNCTION} CREATE OPERATOR public.=== (RIGHTARG = text, FUNCTION = public.mine)",
    "a table named as a function": "CREATE TABLE public.lower (id integer)",
    "a cast between types of one's own": (
        "CREATE TYPE public.mine AS ENUM ('reached'); CREATE CAST (public.mine AS goal_status) WITH INOUT"
    ),
    "temporary ones": "CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT NULL'",
}


@pytest.mark.parametrize(
    "statement", [*MADE.values(), *RENAMED.values()], ids=[*MADE, *(f"{n} renamed" for n in RENAMED)]
)
async def test_a_side_cannot_make_what_answers_for_pg_catalog(acting, statement):
    """Neither by its name nor by a rename, and not with an approval either."""
    for before in ("SELECT", "SELECT strongroom_guard.approve('we need it')"):
        async with acting("frontend") as connection:
            await connection.execute(before)
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml: .*(pg_catalog|whoever)"):
                await connection.execute(statement)


async def test_a_function_cannot_be_moved_into_a_shared_schema(superuser, acting, with_triggers):
    """ALTER … SET SCHEMA counts as making it there."""
    role = with_triggers.role("frontend")
    async with acting("frontend"):
        await superuser.execute("RESET SESSION AUTHORIZATION")
        await superuser.execute(f"""
            CREATE SCHEMA elsewhere AUTHORIZATION {role};
            CREATE FUNCTION elsewhere.lower(name) RETURNS text LANGUAGE sql AS 'SELECT NULL';
            CREATE FUNCTION elsewhere.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
            CREATE OPERATOR elsewhere.= (LEFTARG = text, RIGHTARG = text, FUNCTION = elsewhere.same);
            ALTER FUNCTION elsewhere.lower(name) OWNER TO {role};
            ALTER OPERATOR elsewhere.= (text, text) OWNER TO {role}
        """)
        for statement in (
            "ALTER FUNCTION elsewhere.lower(name) SET SCHEMA public",
            "ALTER OPERATOR elsewhere.= (text, text) SET SCHEMA public",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="has the name of"):
                async with superuser.transaction():
                    await superuser.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
                    await superuser.execute(statement)


@pytest.mark.parametrize("statement", LEFT.values(), ids=LEFT)
async def test_a_side_makes_what_answers_for_nothing_of_postgresql(acting, statement):
    """Its functions, operators and casts of other names are its own."""
    async with acting("frontend") as connection:
        await connection.execute(statement)


@pytest.fixture(scope="module")
async def system_names(superuser):
    """The names of all functions and of all operators of pg_catalog."""
    names = "SELECT array_agg(DISTINCT {}::text) FROM {} WHERE {} = 'pg_catalog'::regnamespace"
    return (
        await superuser.fetchval(names.format("proname", "pg_proc", "pronamespace")),
        await superuser.fetchval(names.format("oprname", "pg_operator", "oprnamespace")),
    )


@settings(max_examples=15)
@given(data=st.data())
async def test_no_function_and_no_operator_of_pg_catalog_is_overloaded(system_names, acting, data):
    """Whatever the name: a property over all of them."""
    function, operator = (data.draw(st.sampled_from(names)) for names in system_names)
    for statement in (
        f"CREATE FUNCTION public.\"{function}\"(goal_status, uuid[]) RETURNS text LANGUAGE sql AS 'SELECT NULL'",
        f"{FUNCTION} CREATE OPERATOR public.{operator} (LEFTARG = text, RIGHTARG = uuid[], FUNCTION = mine_too)",
    ):
        async with acting("backend") as connection:
            await connection.execute(
                "CREATE FUNCTION mine_too(text, uuid[]) RETURNS boolean LANGUAGE sql AS 'SELECT true'"
            )
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="of pg_catalog"):
                await connection.execute(statement)


@pytest.mark.parametrize(
    "statement", [*MADE.values(), *RENAMED.values()], ids=[*MADE, *(f"{n} renamed" for n in RENAMED)]
)
async def test_what_answers_for_pg_catalog_is_told(superuser, with_triggers, statement):
    """Whoever made it, before the guard or as a superuser."""
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute(statement)
    async with trusted_session(superuser):
        found = await PROBE(superuser, with_triggers.contract)
    await transaction.rollback()
    assert found
    assert all("is called in place of" in gap.what for gap in found)


HOSTILE = """
    CREATE TABLE public.calls (what text);
    CREATE FUNCTION public.called(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO public.calls VALUES (what)';
    CREATE FUNCTION public.trap(what text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('domain'); RETURN true; END $$;
    CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('unnest'); RETURN QUERY SELECT pg_catalog.unnest($1); END $$;
    CREATE FUNCTION public.unnest(bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('unnest'); RETURN QUERY SELECT pg_catalog.unnest($1); END $$;
    CREATE FUNCTION public.take(text[], text) RETURNS text[] LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('array_agg'); RETURN pg_catalog.array_append($1, $2); END $$;
    CREATE AGGREGATE public.array_agg(text) (SFUNC = public.take, STYPE = text[]);
    CREATE FUNCTION public.same(name, text) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('='); RETURN $1::text OPERATOR(pg_catalog.=) $2; END $$;
    CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.same);
    CREATE FUNCTION public.has_table_privilege(oid, oid, name) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('has_table_privilege'); RETURN true; END $$;
    CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN PERFORM public.called('format'); RETURN ''; END $$;
    CREATE DOMAIN public.current_setting AS text CHECK (public.trap(VALUE));
    CREATE DOMAIN public.to_regnamespace AS text CHECK (public.trap(VALUE));
    CREATE DOMAIN public.pg_advisory_unlock AS text CHECK (public.trap(VALUE));
    SET search_path = public, pg_catalog
"""


async def test_the_guard_calls_nothing_of_a_neighbour(places, unguarded):
    """Whatever path its connection has: installing, looking and removing call only PostgreSQL's own."""
    place = await places.database(unguarded)
    async with place.connected() as connection:
        await connection.execute(HOSTILE)
        await install(connection, place.contract)
        await status(connection, place.contract)
        await remove(connection, place.contract, heir=place.administrator)
        assert await connection.fetch("SELECT DISTINCT what FROM public.calls") == []
        assert await connection.fetchval("SHOW search_path") == "public, pg_catalog"
        assert await connection.fetchval("SELECT count(*) FROM unnest(ARRAY['a', 'b']) AS hijacked") == 2
        assert await connection.fetchval("SELECT DISTINCT what FROM public.calls") == "unnest"
