"""Statements that each migrator tries under the guard: what refuses each, or where the guide says why nothing does."""

from collections import Counter
from pathlib import Path

import asyncpg
import pytest
from attrs import evolve
from support.schema.guard_statements import GUARD, LOGGED, NOTHING
from support.schema.guard_statements_of_objects import OTHER, OWN, OWN_THINGS, VICTIMS, statements_of

from strongroom.adapters.schema.postgres.guard import install

GUIDE = " ".join((Path(__file__).parents[3] / "docs" / "guard.md").read_text(encoding="utf-8").lower().split())
EACH = [(side, one) for side in OTHER for one in statements_of(side) if not one.alone]
ALONE = [(side, one) for side in OTHER for one in statements_of(side) if one.alone]
STATE = """
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT concat_ws(
            ' ', 'relation', relname, relkind, coalesce(relacl, acldefault('r', relowner)), relrowsecurity,
            relforcerowsecurity, relowner)
        FROM pg_class WHERE relowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(
            ' ', 'column', attrelid, attname, atttypid, atttypmod, attnotnull, attisdropped, attacl)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(' ', 'default', adrelid, adnum, pg_get_expr(adbin, adrelid))
        FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid WHERE relowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(
            ' ', 'constraint', conrelid, conname, convalidated, pg_get_constraintdef(pg_constraint.oid))
        FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid WHERE relowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid, tgname, tgenabled, tgfoid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relowner = ANY ($1::regrole[]) AND NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'rule', ev_class, rulename, ev_enabled)
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class WHERE relowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(' ', 'type', typname, coalesce(typacl, acldefault('T', typowner)), typtype)
        FROM pg_type WHERE typowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(
            ' ', 'function', oid, proname, prosrc, coalesce(proacl, acldefault('f', proowner)), proconfig)
        FROM pg_proc WHERE proowner = ANY ($1::regrole[])
        UNION ALL SELECT concat_ws(' ', 'event trigger', evtname, evtenabled, evtfoid) FROM pg_event_trigger
        UNION ALL SELECT concat_ws(' ', 'of the guard', proname, prosrc, proowner, proacl)
        FROM pg_proc WHERE pronamespace = 'strongroom_guard'::regnamespace
        UNION ALL SELECT concat_ws(' ', 'register', class_id, object_id, side)
        FROM strongroom_guard.owned WHERE side = ANY ($2::text[])
        UNION ALL SELECT concat_ws(' ', 'side', role, side) FROM strongroom_guard.side_role
        UNION ALL SELECT concat_ws(' ', 'schema', nspname, nspowner, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
        UNION ALL SELECT concat_ws(
            ' ', 'role', rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls)
        FROM pg_roles WHERE rolname = ANY ($3::text[])
        UNION ALL SELECT concat_ws(' ', 'member', roleid, member, admin_option, set_option)
        FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member WHERE rolname = ANY ($3::text[])
    ) AS lines (line)
"""


@pytest.fixture(scope="module")
async def other_superuser(with_triggers):
    """Another session of the superuser's, whose process a side may try to end."""
    async with with_triggers.connected() as connection:
        yield connection


@pytest.fixture(scope="module")
async def trial(superuser, other_superuser, with_triggers):
    """The shared connection in a transaction in which both sides have a service, and the names for statements."""
    backend, frontend = with_triggers.contract.sides
    sides = tuple(evolve(side, services=(f"{side.role}_service",)) for side in (backend, frontend))
    workers = {side.name: side.services[0] for side in sides}
    transaction = superuser.transaction()
    await transaction.start()
    assert (await install(superuser, evolve(with_triggers.contract, sides=sides))).complete
    await superuser.execute("SET LOCAL lock_timeout = 0")
    shared = {
        "superuser": await superuser.fetchval("SELECT current_user"),
        "database": await superuser.fetchval("SELECT current_database()"),
        "owner": with_triggers.contract.owner_role,
        "large_object": await superuser.fetchval("SELECT lo_create(0)"),
        "key_type": "uuid",
        "process": other_superuser.get_server_pid(),
    }
    yield {
        side: shared
        | OWN[side]
        | {
            "me": with_triggers.role(side),
            "migrator": with_triggers.role(side),
            "them": with_triggers.role(other),
            "my_side": side,
            "their_side": other,
            "worker": workers[side],
            "their_worker": workers[other],
            "their": OWN[other]["own"],
            "their_enum": OWN[other]["own_enum"],
            "their_column": OWN[other]["own_column"],
            "their_function": OWN[other]["own_function"],
            "cascade": f"DROP TABLE {OWN[side]['referred']} CASCADE",
        }
        for side, other in OTHER.items()
    }
    await transaction.rollback()


async def as_role(connection, role, script):
    """Run a script as a role, and become the superuser again."""
    await connection.execute(f"SET SESSION AUTHORIZATION {role}")
    await connection.execute(script)
    await connection.execute("RESET SESSION AUTHORIZATION")


async def attempt(connection, role, names, statement, sides, before=None):
    """Try a statement as a role: return the error, whether the log grew, whether all else is as before."""
    savepoint = connection.transaction()
    await savepoint.start()
    await connection.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
    try:
        await connection.execute(statement.sql.format(**names))
    except asyncpg.PostgresError as error:
        await savepoint.rollback()
        return error, False, True
    await connection.execute("RESET SESSION AUTHORIZATION")
    roles = roles_of(names)
    after = await state(connection, sides, roles)
    await savepoint.rollback()
    before = before or await state(connection, sides, roles)
    return None, after[0] > before[0], after[1] == before[1]


def roles_of(names):
    """Return every role of the contract."""
    return [names["migrator"], names["them"], names["worker"], names["their_worker"], names["owner"]]


async def state(connection, sides, roles):
    """Return how many lines the log has, and a digest of roles, of the guard and of all that sides own."""
    lines = await connection.fetchval("SELECT count(*) FROM strongroom_guard.ddl_log")
    return lines, await connection.fetchval(STATE, list(sides.values()), list(sides), roles)


def judged(statement, error, *, logged, unchanged):
    """Return what came of a statement, in the terms of its outcome."""
    if error is not None:
        return GUARD if str(error).startswith("strongroom.toml") and error.sqlstate == "42501" else error.sqlstate
    if logged:
        return LOGGED
    return statement.outcome if unchanged and not statement.is_refused_by_postgres else "passed unseen"


@pytest.mark.parametrize(("side", "statement"), EACH, ids=[f"{side}: {one.sql}"[:90] for side, one in EACH])
async def test_each_statement_of_a_migrator_ends_as_the_list_says(superuser, trial, side, statement):
    """Refused by PostgreSQL or by the guard, or logged; or it leaves roles and the other side as they are."""
    names = trial[side]
    savepoint = superuser.transaction()
    await savepoint.start()
    try:
        if statement in VICTIMS:
            await as_role(superuser, names["me"], OWN_THINGS)
        if statement.before:
            await as_role(superuser, names["them"], statement.before.format(**names))
        others = {names["their_side"]: names["them"]}
        error, logged, unchanged = await attempt(superuser, names["me"], names, statement, others)
    finally:
        await savepoint.rollback()
    assert judged(statement, error, logged=logged, unchanged=unchanged) == statement.outcome, error


@pytest.mark.parametrize(("side", "statement"), ALONE, ids=[f"{side}: {one.sql}"[:90] for side, one in ALONE])
async def test_each_statement_that_runs_in_no_transaction_ends_as_the_list_says(with_triggers, trial, side, statement):
    """On a connection of the migrator's own."""
    names = trial[side]
    async with with_triggers.connected(names["me"]) as connection:
        try:
            for part in statement.sql.format(**names).split("; "):
                await connection.execute(part)
            outcome = NOTHING
        except asyncpg.PostgresError as error:
            outcome = error.sqlstate
    assert outcome == statement.outcome


@pytest.mark.parametrize("side", OTHER)
async def test_no_service_changes_a_schema_or_a_role(superuser, trial, side):
    """The same statements, tried by a role that only works with rows: none reaches the schema of either side."""
    names = trial[side] | {"me": trial[side]["worker"]}
    both = {side: trial[side]["me"], names["their_side"]: names["them"]}
    refused = 0
    made = superuser.transaction()
    await made.start()
    await as_role(superuser, both[side], OWN_THINGS)
    untouched = await state(superuser, both, roles_of(names))
    for statement in statements_of(side):
        if statement.alone:
            continue
        savepoint = superuser.transaction()
        await savepoint.start()
        try:
            if statement.before:
                await as_role(superuser, names["them"], statement.before.format(**names))
            before = None if statement.before else untouched
            error, logged, unchanged = await attempt(superuser, names["worker"], names, statement, both, before)
        finally:
            await savepoint.rollback()
        refused += error is not None
        assert unchanged, statement.sql
        assert not logged, statement.sql
    await made.rollback()
    assert refused > 250


def test_there_are_at_least_150_statements_for_each_migrator_and_the_guide_has_all_that_pass():
    """What neither PostgreSQL nor the guard refuses, nor the log keeps, stands in the guide with its reason."""
    for side in OTHER:
        outcomes = Counter(statement.outcome for statement in statements_of(side))
        assert sum(outcomes.values()) >= 150
        documented = [words for words in outcomes if words not in {GUARD, LOGGED, NOTHING} and not words[0].isdigit()]
        assert [words for words in documented if words not in GUIDE] == []
