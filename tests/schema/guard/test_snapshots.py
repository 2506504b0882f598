"""The register is read by the newest state: the snapshot of a transaction hides no victim of CASCADE."""

from contextlib import asynccontextmanager

import asyncpg
import pytest

VICTIMS = {
    "a foreign key": "CREATE TABLE newer (id integer REFERENCES snapshot_tag (id))",
    "a view": "CREATE VIEW newer AS SELECT id FROM snapshot_tag",
    "a column": "CREATE TABLE newer (kind snapshot_kind)",
    "the check of a domain": "CREATE DOMAIN newer AS integer CHECK (VALUE > snapshot_one())",
    "an operator": "CREATE OPERATOR ==== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = snapshot_same)",
}
ATTACK = (
    "DROP TABLE snapshot_tag CASCADE; DROP TYPE snapshot_kind CASCADE; "
    "DROP FUNCTION snapshot_one, snapshot_same(integer, integer) CASCADE"
)


@pytest.fixture(scope="module")
async def pair(with_triggers):
    """A connection of each side; the frontend has made what the backend will depend on."""
    async with (
        with_triggers.connected(with_triggers.role("frontend")) as frontend,
        with_triggers.connected(with_triggers.role("backend")) as backend,
    ):
        await frontend.execute("""
            CREATE TABLE snapshot_tag (id integer PRIMARY KEY);
            CREATE TYPE snapshot_kind AS ENUM ('a');
            CREATE FUNCTION snapshot_one() RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
            CREATE FUNCTION snapshot_same(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'
        """)
        yield frontend, backend
        await frontend.execute(ATTACK)


@asynccontextmanager
async def open_while(frontend, backend, isolation, statement):
    """Begin a transaction of the frontend, and have the backend run a statement after its snapshot is taken."""
    transaction = frontend.transaction(isolation=isolation)
    await transaction.start()
    await frontend.fetchval("SELECT count(*) FROM pg_class")
    await backend.execute(statement)
    try:
        yield
    finally:
        await transaction.rollback()
        await backend.execute("""
            DROP TABLE IF EXISTS newer; DROP VIEW IF EXISTS newer_view; DROP DOMAIN IF EXISTS newer_domain;
            DROP OPERATOR IF EXISTS ==== (integer, integer)
        """)


@pytest.mark.parametrize("isolation", ["read_committed", "repeatable_read", "serializable"])
@pytest.mark.parametrize("statement", VICTIMS.values(), ids=VICTIMS)
async def test_what_is_newer_than_the_transaction_does_not_go_with_cascade(pair, isolation, statement):
    """READ COMMITTED is refused by the contract's words; an old snapshot is, for it cannot tell whose the victim is."""
    frontend, backend = pair
    statement = statement.replace("VIEW newer", "VIEW newer_view").replace("DOMAIN newer", "DOMAIN newer_domain")
    refused = asyncpg.InsufficientPrivilegeError if isolation == "read_committed" else asyncpg.SerializationError
    async with open_while(frontend, backend, isolation, statement):
        with pytest.raises(refused, match=r"strongroom\.toml: DROP .* would go with it"):
            await frontend.execute(ATTACK)


async def test_a_name_that_another_table_has_taken_since_hides_no_victim(with_triggers, pair):
    """The snapshot still gives the name to a table of one's own; the part that goes is the other side's."""
    frontend, backend = pair
    await frontend.execute("CREATE TABLE newer (id integer)")
    async with open_while(frontend, backend, "repeatable_read", "SELECT"):
        async with with_triggers.connected(with_triggers.role("frontend")) as other:
            await other.execute("ALTER TABLE newer RENAME TO older")
        await backend.execute("CREATE TABLE newer (id integer REFERENCES snapshot_tag (id))")
        with pytest.raises(asyncpg.SerializationError, match="cannot tell whose it is"):
            await frontend.execute("DROP TABLE snapshot_tag CASCADE")
    await frontend.execute("DROP TABLE older")


@pytest.mark.parametrize("isolation", ["repeatable_read", "serializable"])
async def test_a_side_s_own_work_goes_on_under_an_old_snapshot(pair, isolation):
    """What was there when the transaction began is known, and so is what the transaction makes itself."""
    frontend, _ = pair
    await frontend.execute("CREATE TABLE child_of_tag (id integer REFERENCES snapshot_tag (id))")
    transaction = frontend.transaction(isolation=isolation)
    await transaction.start()
    await frontend.execute("""
        CREATE VIEW of_tag AS SELECT id FROM snapshot_tag;
        ALTER TABLE snapshot_tag ADD CONSTRAINT positive CHECK (id > 0);
        DROP TABLE snapshot_tag CASCADE
    """)
    await transaction.rollback()
    await frontend.execute("DROP TABLE child_of_tag")
