"""No foreign key has the code of one side run in the sessions of whoever changes the other side's rows."""

import uuid

import asyncpg
import pytest

from strongroom.adapters.schema.postgres.guard import PROTECTIONS
from strongroom.adapters.schema.postgres.guard.session import trusted_session

LOOK = {one.name: one.probe for one in PROTECTIONS}["code"]
TABLE = """
    CREATE TABLE reached (chain_id integer, note text, CONSTRAINT reached_fkey
        FOREIGN KEY (chain_id) REFERENCES chain (id) {action});
    CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE FUNCTION own(integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE beside (id integer);
"""
REFERENCE = "ALTER TABLE reached ADD CONSTRAINT again FOREIGN KEY (chain_id) REFERENCES chain (id) {action}"
TRIGGER = "CREATE TRIGGER trap {when} ON reached FOR EACH {each} EXECUTE FUNCTION trap()"
DELETE, SET_NULL, UPDATE = "ON DELETE CASCADE", "ON DELETE SET NULL", "ON UPDATE CASCADE"
PAIRS = {
    "a trigger after each row": (DELETE, TRIGGER.format(when="AFTER DELETE", each="ROW")),
    "a trigger before each row": (DELETE, TRIGGER.format(when="BEFORE DELETE", each="ROW")),
    "a trigger of statements": (DELETE, TRIGGER.format(when="AFTER INSERT OR DELETE", each="STATEMENT")),
    "a constraint trigger": (
        DELETE,
        TRIGGER.format(when="AFTER DELETE", each="ROW").replace("TRIGGER", "CONSTRAINT TRIGGER", 1),
    ),
    "a trigger of updates, by SET NULL": (SET_NULL, TRIGGER.format(when="BEFORE UPDATE", each="ROW")),
    "a trigger of updates, by ON UPDATE": (UPDATE, TRIGGER.format(when="AFTER UPDATE OF chain_id", each="ROW")),
    "a rule": (DELETE, "CREATE RULE trap AS ON DELETE TO reached DO ALSO INSERT INTO beside VALUES (1)"),
    "a check": (SET_NULL, "ALTER TABLE reached ADD CHECK (own(chain_id) = 1)"),
    "an index": (SET_NULL, "CREATE INDEX ON reached (own(chain_id))"),
    "a partial index": (SET_NULL, "CREATE INDEX ON reached (chain_id) WHERE own(chain_id) = 1"),
    "a generated column": (SET_NULL, "ALTER TABLE reached ADD more integer GENERATED ALWAYS AS (own(chain_id)) STORED"),
    "a default": ("ON DELETE SET DEFAULT", "ALTER TABLE reached ALTER chain_id SET DEFAULT own(1)"),
    "a domain": (
        SET_NULL,
        "CREATE DOMAIN checked AS integer CHECK (own(VALUE) = 1); ALTER TABLE reached ALTER chain_id TYPE checked",
    ),
}
LEFT = {
    "another event": (DELETE, TRIGGER.format(when="AFTER INSERT OR UPDATE", each="ROW")),
    "another column": (SET_NULL, TRIGGER.format(when="BEFORE UPDATE OF note", each="ROW")),
    "a new key, before the row": (UPDATE, TRIGGER.format(when="BEFORE UPDATE", each="ROW")),
    "no action": ("ON DELETE RESTRICT", TRIGGER.format(when="AFTER DELETE OR UPDATE", each="ROW")),
    "a check of PostgreSQL's functions": (UPDATE, "ALTER TABLE reached ADD CHECK (abs(chain_id) > 0)"),
}
REFUSED = r"strongroom\.toml: .* on public.reached would run in the sessions of whoever changes public.chain"


@pytest.mark.parametrize(("action", "code"), PAIRS.values(), ids=PAIRS)
async def test_neither_half_of_a_pair_completes_it(acting, action, code):
    """The code after the foreign key, and the foreign key after the code."""
    for first, then in ((TABLE.format(action=action), code), (TABLE.format(action="") + code, None)):
        async with acting("frontend") as connection:
            await connection.execute(first)
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
                await connection.execute(then or REFERENCE.format(action=action))


@pytest.mark.parametrize(("action", "code"), LEFT.values(), ids=LEFT)
async def test_code_that_no_foreign_key_runs_is_its_own_side_s_matter(acting, action, code):
    """Other events, other columns, foreign keys without an action, and PostgreSQL's own functions."""
    async with acting("frontend") as connection:
        await connection.execute(TABLE.format(action=action) + code)


@pytest.mark.parametrize("link", [DELETE, SET_NULL], ids=["deleted", "set to null"])
async def test_a_chain_of_foreign_keys_is_followed(acting, link):
    """Through a table of its own, and a foreign key that is made last."""
    async with acting("frontend") as connection:
        await connection.execute(
            TABLE.format(action="")
            + "CREATE TABLE between (id integer PRIMARY KEY, chain_id integer);"
            + f"ALTER TABLE reached ADD FOREIGN KEY (chain_id) REFERENCES between (id) {link};"
            + TRIGGER.format(when="AFTER DELETE OR UPDATE", each="ROW")
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            await connection.execute(
                "ALTER TABLE between ADD FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE CASCADE"
            )


async def test_a_partition_is_reached_by_its_table(acting):
    """A trigger of one partition fires as well."""
    async with acting("frontend") as connection:
        await connection.execute("""
            CREATE TABLE reached (chain_id integer REFERENCES chain (id) ON DELETE CASCADE)
                PARTITION BY LIST (chain_id);
            CREATE TABLE reached_one PARTITION OF reached FOR VALUES IN (1);
            CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
        """)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"trap on public\.reached_one would run"):
            await connection.execute(
                "CREATE TRIGGER trap AFTER DELETE ON reached_one FOR EACH ROW EXECUTE FUNCTION trap()"
            )


async def test_an_approval_keeps_it_in_the_log(acting):
    """Both sides may agree on such a trigger."""
    async with acting("frontend") as connection:
        await connection.execute("SELECT strongroom_guard.approve('agreed with the backend')")
        await connection.execute(TABLE.format(action=DELETE) + PAIRS["a trigger after each row"][1])
        logged = await connection.fetchrow(
            "SELECT object, side FROM strongroom_guard.ddl_log WHERE object_type = 'reached code'"
        )
    assert tuple(logged) == ("trigger trap on public.reached", "backend")


async def test_an_old_snapshot_hides_no_half(acting):
    """A transaction that cannot see the newest code or foreign keys makes neither on a table that was there before."""
    async with acting("frontend", isolation="repeatable_read") as connection:
        await connection.execute(TABLE.format(action="ON DELETE RESTRICT"))
        await connection.execute("CREATE FUNCTION trap2() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        await connection.execute(TRIGGER.format(when="AFTER DELETE", each="ROW"))
        with pytest.raises(asyncpg.SerializationError, match="REPEATABLE READ cannot tell"):
            await connection.execute("CREATE TRIGGER trap AFTER DELETE ON goal EXECUTE FUNCTION trap2()")


async def test_a_pair_that_is_there_is_told(superuser, with_triggers):
    """A superuser may have made it; the shipped schema has none."""
    async with trusted_session(superuser):
        assert await LOOK(superuser, with_triggers.contract) == []
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute(
        TABLE.format(action=DELETE)
        + PAIRS["a trigger after each row"][1]
        + f"; ALTER TABLE reached OWNER TO {with_triggers.role('frontend')}"
    )
    async with trusted_session(superuser):
        found = await LOOK(superuser, with_triggers.contract)
    await transaction.rollback()
    assert [gap.what.partition(", by")[0] for gap in found] == [
        "the trigger trap on public.reached runs in the sessions of whoever changes public.chain"
    ]


LEFT_BEHIND = {
    "a cursor": "BEGIN EXECUTE 'DECLARE later CURSOR WITH HOLD FOR SELECT public.who()'; RETURN OLD; END",
    "a deferred trigger": "BEGIN INSERT INTO public.beside VALUES (1); RETURN OLD; END",
}


@pytest.mark.parametrize("body", LEFT_BEHIND.values(), ids=LEFT_BEHIND)
async def test_a_trigger_before_the_row_is_a_way_too(postgres_url, new_database, body):
    """The control: what it leaves behind runs, at the end of the transaction, with the rights of whoever deleted."""
    connection = await asyncpg.connect(await new_database())
    owner = f"owner_{uuid.uuid4().hex[:12]}"
    await connection.execute(f"""
        CREATE ROLE {owner};
        GRANT CREATE ON SCHEMA public TO {owner};
        CREATE TABLE source (id integer PRIMARY KEY);
        GRANT REFERENCES ON source TO {owner};
        INSERT INTO source VALUES (1);
        SET ROLE {owner};
        CREATE TABLE seen (who text);
        GRANT INSERT ON seen TO PUBLIC;
        CREATE TABLE beside (id integer);
        CREATE TABLE reached (id integer REFERENCES source (id) ON DELETE CASCADE);
        INSERT INTO reached VALUES (1);
        CREATE FUNCTION who() RETURNS text LANGUAGE plpgsql AS
            'BEGIN INSERT INTO public.seen VALUES (current_user); RETURN NULL; END';
        CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM public.who(); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER later AFTER INSERT ON beside INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION later();
        CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $trap$ {body} $trap$;
        CREATE TRIGGER trap BEFORE DELETE ON reached FOR EACH ROW EXECUTE FUNCTION trap();
        RESET ROLE
    """)
    await connection.execute("DELETE FROM source")
    seen = await connection.fetch("SELECT DISTINCT who FROM seen")
    me = await connection.fetchval("SELECT current_user")
    await connection.execute(f"DROP OWNED BY {owner} CASCADE; DROP ROLE {owner}")
    await connection.close()
    assert [who for (who,) in seen] == [me]
