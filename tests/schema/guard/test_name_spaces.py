"""A name belongs to a name space (relations, types, functions): no object of any kind takes one of the other side's."""

import asyncpg
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.schema.postgres.guard import PROTECTIONS, install
from strongroom.adapters.schema.postgres.guard.register import rows_of_names
from strongroom.adapters.schema.postgres.guard.session import trusted_session
from strongroom.domain.schema.contract import (
    Contract,
    ContractSide,
    MigrationKind,
    ObjectKind,
    Ownership,
    Pattern,
    SchemaObject,
)
from strongroom.domain.schema.name_spaces import claims_on, name_conflicts, name_spaces

PROBE = {one.name: one.probe for one in PROTECTIONS}["owners"]
TAKEN = {
    "view": "CREATE VIEW {} AS SELECT 1 AS x",
    "materialized view": "CREATE MATERIALIZED VIEW {} AS SELECT 1 AS x",
    "table": "CREATE TABLE {} (id integer)",
    "table of a query": "CREATE TABLE {} AS SELECT 1 AS x",
    "sequence": "CREATE SEQUENCE {}",
    "index": "CREATE INDEX {} ON {own} (id)",
    "index of a constraint": "ALTER TABLE {own} ADD CONSTRAINT {} UNIQUE (id)",
    "index of a primary key": "CREATE TABLE extra (id integer CONSTRAINT {} PRIMARY KEY)",
    "index of a constraint, renamed": (
        "ALTER TABLE {own} ADD CONSTRAINT extra UNIQUE (id); ALTER TABLE {own} RENAME CONSTRAINT extra TO {}"
    ),
    "sequence of a column": "CREATE TABLE extra (id integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME {}))",
    "partition": "CREATE TABLE extra (id integer) PARTITION BY LIST (id); CREATE TABLE {} PARTITION OF extra DEFAULT",
    "composite type": "CREATE TYPE {} AS (a integer)",
    "renamed": "CREATE VIEW extra AS SELECT 1 AS x; ALTER VIEW extra RENAME TO {}",
}
TYPES = {
    "domain": "CREATE DOMAIN {} AS text",
    "enum": "CREATE TYPE {} AS ENUM ()",
    "range": "CREATE TYPE {} AS RANGE (SUBTYPE = integer)",
    "multirange": "CREATE TYPE extra AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = {})",
    "type renamed": "CREATE DOMAIN extra AS text; ALTER DOMAIN extra RENAME TO {}",
}
ALSO_TYPES = {name: TAKEN[name] for name in ("view", "table", "composite type", "materialized view")}
FUNCTIONS = {
    "overload": "CREATE FUNCTION {}(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "procedure": "CREATE PROCEDURE {}(integer) LANGUAGE sql AS ''",
    "aggregate": "CREATE AGGREGATE {}(integer) (SFUNC = int4pl, STYPE = integer)",
    "constructor of a range": "CREATE TYPE {} AS RANGE (SUBTYPE = integer)",
}
OF = {
    "backend": {
        "relation": "swaps",
        "enum": "payment_status",
        "view": "token_daily_values_mv",
        "function": "refuse_update",
    },
    "frontend": {"relation": "user_address", "enum": "goal_status", "function": "announce_messages"},
}
OWN = {"backend": "coin", "frontend": "goal"}
OTHER = {"backend": "frontend", "frontend": "backend"}
CASES = [
    (owner, OF[owner][of], kind, statement)
    for owner in OF
    for of, statements in (
        ("relation", TAKEN | {name: TYPES[name] for name in ("domain", "multirange")}),
        ("view", {name: TAKEN[name] for name in ("table", "sequence")}),
        ("enum", TYPES | ALSO_TYPES),
        ("function", FUNCTIONS),
    )
    if of in OF[owner]
    for kind, statement in statements.items()
]
DROPPED = (
    "DROP TABLE swaps, user_address; DROP MATERIALIZED VIEW token_daily_values_mv; "
    "DROP TYPE payment_status, goal_status CASCADE; DROP FUNCTION refuse_update, announce_messages CASCADE"
)
SIDES = (
    ContractSide("backend", "backend_migrator", "pg", MigrationKind.SQL),
    ContractSide("frontend", "frontend_migrator", "prisma", MigrationKind.PRISMA),
)


@pytest.fixture(scope="module")
async def absent(superuser):
    """The shared connection in a transaction in which the objects that own the names are gone."""
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute(DROPPED)
    yield superuser
    await transaction.rollback()


@pytest.mark.parametrize(("owner", "name", "kind", "statement"), CASES, ids=[f"{c[1]}: {c[2]}" for c in CASES])
async def test_a_name_of_the_other_side_is_refused_whatever_takes_it(absent, acting, owner, name, kind, statement):
    """Its object is not there: PostgreSQL itself would allow it."""
    async with acting(OTHER[owner]) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
            await connection.execute(statement.format(name, own=OWN[OTHER[owner]]))
    if name in {"swaps", "user_address"} and kind in {"view", "renamed"}:
        assert f"{name} has the name of a table of the contract" in str(caught.value)
    else:
        assert f'{name} has a name that belongs to the side "{owner}"' in str(caught.value)


@pytest.mark.parametrize(
    "statement",
    ["CREATE TEMPORARY TABLE {} (id integer)", "CREATE FUNCTION pg_temp.{}() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
)
async def test_a_temporary_object_may_have_any_name(absent, acting, statement):
    """It is nobody's but the session's."""
    async with acting("frontend") as connection:
        await connection.execute(statement.format("swaps"))


async def test_a_name_in_another_name_space_is_free(absent, acting):
    """A function has no name in common with a table, and an index none with an enum."""
    async with acting("frontend") as connection:
        await connection.execute("CREATE FUNCTION swaps() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
        await connection.execute("CREATE INDEX payment_status ON goal (id)")


GLOBS = (
    Ownership("rust", ObjectKind.TABLE, Pattern("public", "rust_*")),
    Ownership("rust", ObjectKind.FUNCTION, Pattern("public", "[ab]?_rust")),
    Ownership("backend", ObjectKind.TABLE, Pattern("public", "rust_of_backend")),
)
REFUSED_BY_GLOB = {
    "CREATE TABLE rust_two (id integer)",
    "CREATE VIEW rust_two AS SELECT 1 AS x",
    "CREATE TYPE rust_two AS ENUM ()",
    "CREATE TABLE extra (id integer); ALTER TABLE extra RENAME TO rust_",
    "CREATE FUNCTION ax_rust() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
}
LEFT_BY_GLOB = {
    "CREATE TABLE rust_of_backend (id integer)",
    "CREATE TABLE not_rust_two (id integer)",
    "CREATE INDEX rust_two ON coin (id)",
    "CREATE FUNCTION cx_rust() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
}


@pytest.fixture(scope="module")
async def with_globs(superuser, with_triggers):
    """The shared connection in a transaction in which a third side owns names by globs."""
    role = f"{with_triggers.contract.owner_role}_rust"
    sides = (*with_triggers.contract.sides, ContractSide("rust", role, "rust", MigrationKind.SQL))
    contract = evolve(with_triggers.contract, sides=sides, ownership=(*with_triggers.contract.ownership, *GLOBS))
    transaction = superuser.transaction()
    await transaction.start()
    assert (await install(superuser, contract)).complete
    yield contract
    await transaction.rollback()


@pytest.mark.parametrize("statement", sorted(REFUSED_BY_GLOB))
async def test_a_name_that_a_glob_gives_to_a_side_is_refused_to_the_others(with_globs, acting, statement):
    """As one that is written out is."""
    async with acting("backend") as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match='has a name that belongs to the side "rust"'):
            await connection.execute(statement)


@pytest.mark.parametrize("statement", sorted(LEFT_BY_GLOB))
async def test_a_glob_leaves_written_names_and_parts_alone(with_globs, acting, statement):
    """A written name counts before a glob, and a glob does not mean an index, which belongs to its table."""
    async with acting("backend") as connection:
        await connection.execute(statement)


NAMES = st.sampled_from(["a", "b", "ab"])
PATTERNS = st.sampled_from(["a", "b", "ab", "a*", "*", "[ab]"])
KINDS = st.sampled_from([*ObjectKind, None])
OWNERSHIPS = st.lists(
    st.builds(
        Ownership, st.sampled_from(["backend", "frontend"]), KINDS, st.builds(Pattern, st.just("public"), PATTERNS)
    ),
    max_size=6,
    unique=True,
)
SPACES = {kind: sorted(space.value for space in name_spaces(kind)) for kind in ObjectKind}


@given(ownership=OWNERSHIPS, kind=st.sampled_from(ObjectKind), name=NAMES)
async def test_postgres_and_the_contract_agree_on_whose_a_name_is(superuser, ownership, kind, name):
    """The function in the database returns the one side that claims a name, or nothing if none or several do."""
    contract = Contract(SIDES, tuple(ownership))
    claims = {claim.side for claim in claims_on(contract, SchemaObject(kind=kind, schema="public", name=name))}
    transaction = superuser.transaction()
    await transaction.start()
    try:
        await superuser.execute("DELETE FROM strongroom_guard.declared")
        for row in rows_of_names(contract):
            await superuser.execute(
                "INSERT INTO strongroom_guard.declared VALUES ($1, $2::text::text[], $3, $4, $5::text::boolean, $6)",
                *row,
            )
        found = await superuser.fetchval(
            "SELECT strongroom_guard.side_of_name($1, $2, 'public', $3, true)", kind.value, SPACES[kind], name
        )
    finally:
        await transaction.rollback()
    assert found == (claims.pop() if len(claims) == 1 else None)


async def test_an_object_that_has_taken_a_name_is_told(absent, with_triggers):
    """The status and the check name the object, the name and its side, and what to do."""
    savepoint = absent.transaction()
    await savepoint.start()
    await absent.execute("CREATE VIEW swaps AS SELECT 1 AS x; CREATE INDEX user_address ON goal (id)")
    target = SchemaObject(kind=ObjectKind.VIEW, schema="public", name="swaps")
    (conflict,) = name_conflicts(with_triggers.contract, [target])
    async with trusted_session(absent):
        found = [gap.what for gap in await PROBE(absent, with_triggers.contract)]
    await savepoint.rollback()
    told = 'view public.swaps has the name of the table public.swaps, which belongs to the side "backend": rename it'
    assert str(conflict) == told
    assert told in found
    assert 'the index public.user_address has a name that belongs to the side "frontend": rename it' in found
