"""What either side may not do to the other's objects: possible before the guard is there, refused after."""

import asyncpg
import pytest
from support.schema.guard_attacks import TARGETS, attacks_on, pushed_from

OTHER = {"backend": "frontend", "frontend": "backend"}
EACH = [(side, name, statement) for side in OTHER for name, statement in attacks_on(side).items()]
NAMED = [f"{name} of the {side}" for side, name, _ in EACH]
PRIVILEGE = "42501"


async def run(connection, script):
    """Run statements in a transaction that is rolled back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(script)
    finally:
        await transaction.rollback()


@pytest.mark.parametrize(("side", "name", "statement"), EACH, ids=NAMED)
async def test_without_the_guard_the_role_that_migrates_for_both_can_do_it(unguarded, side, name, statement):
    """The statement is one that PostgreSQL runs: its refusal later is the guard's, not a mistake in it."""
    async with unguarded.connected(unguarded.administrator) as connection:
        await run(connection, statement)


@pytest.mark.parametrize(("side", "name", "statement"), EACH, ids=NAMED)
async def test_with_the_guard_the_other_side_is_refused(guarded, side, name, statement):
    """PostgreSQL refuses for want of a privilege, with the event triggers and without."""
    async with guarded.connected(guarded.role(OTHER[side])) as connection:
        with pytest.raises(asyncpg.PostgresError) as caught:
            await run(connection, statement)
    assert caught.value.sqlstate == PRIVILEGE


@pytest.mark.parametrize("side", OTHER)
async def test_a_push_of_a_schema_that_knows_nothing_of_the_other_side_changes_nothing(guarded, side):
    """Every statement that such a push or reset runs is refused, on empty tables too."""
    statements = pushed_from(guarded.contract, side)
    async with guarded.connected(guarded.role(OTHER[side])) as connection:
        for statement in statements:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await run(connection, statement)
    assert len(statements) > 30


async def test_without_the_guard_such_a_push_drops_all_of_it(unguarded):
    """The tables are gone without a word: they are empty."""
    async with unguarded.connected(unguarded.administrator) as connection:
        await run(connection, ";".join(f'DROP TABLE "{name}" CASCADE' for name in ("price", "coin", "nmt_position")))
        await run(connection, 'DROP SCHEMA "public" CASCADE')


@pytest.mark.parametrize("side", OTHER)
async def test_a_grant_on_what_the_other_side_owns_changes_nothing(guarded, side):
    """PostgreSQL warns of grants by somebody who may not give them, and gives nothing."""
    state = """
        SELECT relacl::text, nspacl::text
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relname = $1
    """
    async with guarded.connected(guarded.role(OTHER[side])) as connection:
        transaction = connection.transaction()
        await transaction.start()
        before = await connection.fetchrow(state, TARGETS[side].table)
        await connection.execute(
            f"GRANT ALL ON {TARGETS[side].table} TO PUBLIC; GRANT CREATE ON SCHEMA public TO PUBLIC"
        )
        assert await connection.fetchrow(state, TARGETS[side].table) == before
        await transaction.rollback()
