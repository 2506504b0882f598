"""What ownership alone cannot stop, the event triggers do: victims of CASCADE, names, owners that were changed."""

import asyncpg
import pytest
from support.schema.guard_attacks import attacks_on

OTHER = {"backend": "frontend", "frontend": "backend"}

CASCADES = {
    "a foreign key of the other side, with the table": ("SELECT", "frontend", 'DROP TABLE "user" CASCADE'),
    "a foreign key of the other side, with the key column": (
        "SELECT",
        "backend",
        "ALTER TABLE chain DROP COLUMN id CASCADE",
    ),
    "a foreign key of the other side, with the key": (
        "SELECT",
        "backend",
        "ALTER TABLE chain DROP CONSTRAINT chain_pkey CASCADE",
    ),
    "a view, with a column": (
        "CREATE VIEW extra AS SELECT name FROM coin",
        "backend",
        "ALTER TABLE coin DROP name CASCADE",
    ),
    "a view, with its table": ("CREATE VIEW extra AS SELECT name FROM coin", "backend", "DROP TABLE coin CASCADE"),
    "a materialized view": (
        "CREATE MATERIALIZED VIEW extra AS SELECT name FROM protocol",
        "backend",
        "ALTER TABLE protocol DROP name CASCADE",
    ),
    "a column, with its type": (
        "CREATE TABLE extra (kind coin_standard)",
        "backend",
        "DROP TYPE coin_standard CASCADE",
    ),
    "a function, with the type of an argument": (
        "CREATE FUNCTION extra(kind payment_status) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "backend",
        "DROP TYPE payment_status CASCADE",
    ),
    "a default, with its function": (
        "CREATE TABLE extra (id integer DEFAULT one())",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "a check, with its function": (
        "CREATE TABLE extra (id integer CHECK (id > one()))",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "an index, with its function": (
        "CREATE TABLE extra (id integer); CREATE INDEX ON extra ((id + one()))",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "the check of a domain, with its function": (
        "CREATE DOMAIN extra AS integer CHECK (VALUE > one())",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "statistics, with their function": (
        "CREATE TABLE extra (id integer, more integer); CREATE STATISTICS extra_both ON (id + one()), more FROM extra",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "an operator, with its function": (
        "CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = same)",
        "backend",
        "DROP FUNCTION same(integer, integer) CASCADE",
    ),
    "a policy, with its function": (
        "CREATE TABLE extra (id integer); CREATE POLICY mine ON extra USING (id = one())",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "a rule, with its function": (
        "CREATE TABLE extra (id integer); CREATE RULE mine AS ON INSERT TO extra DO ALSO SELECT one()",
        "backend",
        "DROP FUNCTION one() CASCADE",
    ),
    "a trigger, with its function": (
        "CREATE TRIGGER extra BEFORE INSERT ON goal FOR EACH ROW EXECUTE FUNCTION refuse_update()",
        "backend",
        "DROP FUNCTION refuse_update() CASCADE",
    ),
    "anything, with all that a role owns": ("SELECT", "backend", "DROP OWNED BY CURRENT_USER CASCADE"),
}

NOT_SEEN = {"truncate", "truncate cascade", "reindex", "rename schema", "truncate partition", "inherit"}
"""What fires no event trigger, or none that names the object: ownership and privileges alone stop it."""
EACH = [
    (side, name, statement) for side in OTHER for name, statement in attacks_on(side).items() if name not in NOT_SEEN
]


async def prepared(place, connection, script):
    """Have the backend make two functions, and the frontend what may become a victim."""
    await place.act(
        connection,
        "backend",
        """
        CREATE FUNCTION one() RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION same(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'
        """,
    )
    await place.act(connection, "frontend", script)


@pytest.mark.parametrize(("script", "side", "attack"), CASCADES.values(), ids=CASCADES)
async def test_cascade_does_not_reach_into_the_other_side(with_triggers, script, side, attack):
    """The refusal names the contract, the victim and whose it is; without CASCADE PostgreSQL refuses by itself."""
    async with with_triggers.rolled_back() as connection:
        await prepared(with_triggers, connection, script)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml") as caught:
            await with_triggers.act(connection, side, attack)
    assert f'which belongs to the side "{OTHER[side]}"' in str(caught.value)


@pytest.mark.parametrize(("script", "side", "attack"), CASCADES.values(), ids=CASCADES)
async def test_without_event_triggers_cascade_does_reach_into_the_other_side(without_triggers, script, side, attack):
    """It is what remains open where nobody could install them, and what the report says."""
    async with without_triggers.rolled_back() as connection:
        await prepared(without_triggers, connection, script)
        await without_triggers.act(connection, side, attack)


@pytest.mark.parametrize(("side", "name", "statement"), EACH, ids=[f"{name} of the {side}" for side, name, _ in EACH])
async def test_an_owner_by_mistake_is_refused_all_the_same(with_triggers, side, name, statement):
    """The event triggers judge by the contract: an object that was given to the wrong role stays its side's."""
    other = OTHER[side]
    async with with_triggers.rolled_back() as connection:
        await connection.execute(f"""
            REASSIGN OWNED BY {with_triggers.role(side)} TO {with_triggers.role(other)};
            ALTER SCHEMA public OWNER TO {with_triggers.role(other)};
            GRANT CREATE ON DATABASE {await connection.fetchval("SELECT current_database()")} TO PUBLIC
        """)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml") as caught:
            await with_triggers.act(connection, other, statement)
    assert f'the side "{side}"' in str(caught.value)


@pytest.mark.parametrize(
    "script",
    ["CREATE TABLE goal (id integer)", "CREATE TABLE other (id integer); ALTER TABLE other RENAME TO goal"],
    ids=["created", "renamed"],
)
async def test_a_name_that_the_contract_gives_to_the_other_side_cannot_be_taken(with_triggers, script):
    """Neither by creating an object of that name nor by renaming one."""
    async with with_triggers.rolled_back() as connection:
        await with_triggers.act(connection, "frontend", "DROP TABLE goal")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="has a name that belongs to"):
            await with_triggers.act(connection, "backend", script)


async def test_the_message_says_what_whose_and_what_to_do(with_triggers):
    """It names the command, the victim, both sides and the role, and the hint names both ways out."""
    async with with_triggers.rolled_back() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
            await with_triggers.act(connection, "frontend", "ALTER TABLE safe_account DROP COLUMN id CASCADE")
    assert str(caught.value).splitlines()[0] == (
        "strongroom.toml: ALTER TABLE: table constraint nmt_position_safe_id_fkey on public.nmt_position "
        'would go with it, which belongs to the side "backend", '
        f'and {with_triggers.role("frontend")} acts for the side "frontend"'
    )
    assert "SELECT strongroom_guard.approve(" in caught.value.hint


async def test_what_a_side_creates_is_its_own_from_then_on(with_triggers):
    """A new table is registered with its indexes, follows a rename, and is forgotten when it is dropped."""
    known = "SELECT name || ' ' || side FROM strongroom_guard.owned WHERE name LIKE 'fresh%' ORDER BY 1"
    async with with_triggers.rolled_back() as connection:
        await with_triggers.act(connection, "frontend", "CREATE TABLE fresh (id integer PRIMARY KEY)")
        assert [row[0] for row in await connection.fetch(known)] == ["fresh frontend", "fresh_pkey frontend"]
        await with_triggers.act(connection, "frontend", "ALTER TABLE fresh RENAME TO fresh2")
        assert [row[0] for row in await connection.fetch(known)] == ["fresh2 frontend", "fresh_pkey frontend"]
        await with_triggers.act(connection, "frontend", "DROP TABLE fresh2")
        assert await connection.fetch(known) == []
