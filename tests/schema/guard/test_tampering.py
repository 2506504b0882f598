"""What is not as the guard made it is recognised, and mended or refused by name; nothing of it is run or kept."""

import asyncpg
import pytest

from strongroom.adapters.schema.postgres.guard import PROTECTIONS, install, remove, status
from strongroom.adapters.schema.postgres.guard.session import trusted_session

PROBE = {one.name: one.probe for one in PROTECTIONS}["event triggers"]
OFF = "ALTER EVENT TRIGGER strongroom_guard_ddl DISABLE; ALTER EVENT TRIGGER strongroom_guard_drop DISABLE;"
ON = "ALTER EVENT TRIGGER strongroom_guard_ddl ENABLE ALWAYS; ALTER EVENT TRIGGER strongroom_guard_drop ENABLE ALWAYS;"
G = "strongroom_guard"
TRAP = "CREATE FUNCTION public.trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap'; END $$;"

MENDED = {
    "the DDL trigger is off": (
        "ALTER EVENT TRIGGER strongroom_guard_ddl DISABLE",
        "event trigger strongroom_guard_ddl",
    ),
    "the drop trigger is for replicas": (
        "ALTER EVENT TRIGGER strongroom_guard_drop ENABLE REPLICA",
        "event trigger strongroom_guard_drop",
    ),
    "the drop trigger is not for replicas": (
        "ALTER EVENT TRIGGER strongroom_guard_drop ENABLE",
        "event trigger strongroom_guard_drop",
    ),
    "the DDL trigger is gone": ("DROP EVENT TRIGGER strongroom_guard_ddl", "event trigger strongroom_guard_ddl"),
    "the DDL trigger runs another function": (
        (
            "DROP EVENT TRIGGER strongroom_guard_ddl; CREATE EVENT TRIGGER strongroom_guard_ddl ON ddl_command_end "
            f"EXECUTE FUNCTION {G}.on_sql_drop(); ALTER EVENT TRIGGER strongroom_guard_ddl ENABLE ALWAYS"
        ),
        "event trigger strongroom_guard_ddl",
    ),
    "the DDL trigger sees one command": (
        (
            "DROP EVENT TRIGGER strongroom_guard_ddl; CREATE EVENT TRIGGER strongroom_guard_ddl ON ddl_command_end "
            f"WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION {G}.on_ddl_command_end(); "
            "ALTER EVENT TRIGGER strongroom_guard_ddl ENABLE ALWAYS"
        ),
        "event trigger strongroom_guard_ddl",
    ),
    "a function has another body": (
        (
            f"CREATE OR REPLACE FUNCTION {G}.acting_side() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER "
            "SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$"
        ),
        "the function acting_side",
    ),
    "a function is not SECURITY DEFINER": (f"ALTER FUNCTION {G}.refuse SECURITY INVOKER", "the function refuse"),
    "a function has another path": (f"ALTER FUNCTION {G}.refuse SET search_path = public", "the function refuse"),
    "a function has another setting": (f"ALTER FUNCTION {G}.refuse SET work_mem = '1MB'", "the function refuse"),
    "a function belongs to a side": (f"ALTER FUNCTION {G}.approval OWNER TO {{frontend}}", "the function approval"),
    "a function is gone": (f"DROP FUNCTION {G}.shadowed", "the function shadowed"),
    "the function of a trigger has another body": (
        (
            f"CREATE OR REPLACE FUNCTION {G}.on_sql_drop() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER "
            "SET search_path = pg_catalog, pg_temp AS 'BEGIN END'"
        ),
        "the function on_sql_drop",
    ),
    "a function of an earlier version is there": (
        f"CREATE FUNCTION {G}.table_of_part(oid, text[]) RETURNS oid LANGUAGE sql AS 'SELECT $1'",
        f"function {G}.table_of_part(oid,text[]) of an earlier version",
    ),
    "the log belongs to a side": (f"ALTER TABLE {G}.ddl_log OWNER TO {{frontend}}", "belongs to {frontend}"),
    "the register belongs to a side": (f"ALTER TABLE {G}.owned OWNER TO {{frontend}}", "belongs to {frontend}"),
    "the register has a trigger": (
        f"{TRAP} CREATE TRIGGER up BEFORE INSERT ON {G}.side_role FOR EACH ROW EXECUTE FUNCTION public.trap()",
        f"side_role, which has the trigger up on {G}.side_role",
    ),
    "the register has a rule": (
        f"CREATE RULE r AS ON INSERT TO {G}.owned DO INSTEAD NOTHING",
        f"owned, which has the rule r on {G}.owned",
    ),
    "the register has a policy": (f"CREATE POLICY p ON {G}.owned USING (false)", f"has the policy p on {G}.owned"),
    "the register has row security": (
        f"ALTER TABLE {G}.owned ENABLE ROW LEVEL SECURITY",
        "owned, which is no plain table",
    ),
    "the register has a default": (
        f"ALTER TABLE {G}.owned ALTER side SET DEFAULT 'frontend'",
        f"has the default value for {G}.owned.side",
    ),
    "the register has a check": (
        f"ALTER TABLE {G}.owned ADD CONSTRAINT c CHECK (side <> 'backend') NOT VALID",
        f"has the table constraint c on {G}.owned",
    ),
    "the register has an index": (f"CREATE INDEX i ON {G}.owned (side)", f"has the index {G}.i"),
    "the register has a parent": (
        f"CREATE TABLE public.parent (side text); ALTER TABLE {G}.owned INHERIT public.parent",
        "owned, which is no plain table",
    ),
    "the register has another column": (f"ALTER TABLE {G}.owned ADD extra text", "owned, which has other columns"),
    "the register has no key": (f"ALTER TABLE {G}.owned DROP CONSTRAINT owned_pkey", "lacks the table constraint"),
    "the register lacks a table": (f"DROP TABLE {G}.side_role", "the table side_role"),
    "the approvals are nullable": (f"ALTER TABLE {G}.approval ALTER reason DROP NOT NULL", "approval, which has other"),
    "anybody may create in the schema": (f"GRANT CREATE ON SCHEMA {G} TO PUBLIC", "PUBLIC has CREATE ON SCHEMA"),
    "a side may create in the schema": (f"GRANT CREATE ON SCHEMA {G} TO {{backend}}", "{backend} has CREATE ON SCHEMA"),
    "a side may write the log": (f"GRANT DELETE ON {G}.ddl_log TO {{backend}}", "{backend} has DELETE ON TABLE"),
    "anybody may write a column": (f"GRANT UPDATE (side) ON {G}.owned TO PUBLIC", "PUBLIC has UPDATE (side) ON TABLE"),
    "a side may register": (
        f"GRANT EXECUTE ON FUNCTION {G}.register TO {{backend}}",
        "{backend} has EXECUTE ON FUNCTION",
    ),
    "anybody may approve": (f"GRANT EXECUTE ON FUNCTION {G}.approve TO PUBLIC", "PUBLIC has EXECUTE ON FUNCTION"),
    "a side may count the log": (f"GRANT ALL ON SEQUENCE {G}.ddl_log_id_seq TO {{backend}}", "has UPDATE ON SEQUENCE"),
    "a side cannot read the log": (f"REVOKE SELECT ON {G}.ddl_log FROM {{frontend}}", "{frontend} cannot read the log"),
    "a side cannot approve": (
        f"REVOKE EXECUTE ON FUNCTION {G}.approve FROM {{backend}}",
        "{backend} cannot read the log",
    ),
    "the log is gone": (f"DROP TABLE {G}.ddl_log", "the table ddl_log"),
}
FOREIGN = {
    "the schema belongs to a side": (
        f"ALTER SCHEMA {G} OWNER TO {{frontend}}",
        "belongs to {frontend}, who can replace",
    ),
    "a table stands in the schema": (f"CREATE TABLE {G}.x (id integer)", f"table {G}.x is not the guard's"),
    "a view stands in the schema": (f"CREATE VIEW {G}.x AS SELECT 1", f"view {G}.x is not the guard's"),
    "an overload stands in the schema": (
        f"CREATE FUNCTION {G}.register(oid, oid, name) RETURNS void LANGUAGE sql AS ''",
        f"function {G}.register(oid,oid,name) is not the guard's",
    ),
    "an operator stands in the schema": (
        f"CREATE OPERATOR {G}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        f"operator {G}.=(text,text) is not the guard's",
    ),
    "a type stands in the schema": (f"CREATE TYPE {G}.x AS ENUM ()", f"type {G}.x is not the guard's"),
    "statistics stand in the schema": (
        f"CREATE STATISTICS {G}.x ON role, login FROM {G}.ddl_log",
        f"statistics object {G}.x is not the guard's",
    ),
    "default privileges stand in the schema": (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {{owner}} IN SCHEMA {G} GRANT ALL ON TABLES TO PUBLIC",
        f"in schema {G} is not the guard's",
    ),
    "a view stands for the register": (
        f"DROP TABLE {G}.owned; CREATE VIEW {G}.owned AS SELECT 1::oid AS class_id",
        f"{G}.owned",
    ),
    "the log has a trigger": (
        f"{TRAP} CREATE TRIGGER up BEFORE INSERT ON {G}.ddl_log FOR EACH ROW EXECUTE FUNCTION public.trap()",
        f"{G}.ddl_log has the trigger up on {G}.ddl_log",
    ),
    "the log has a rule": (
        f"CREATE RULE r AS ON INSERT TO {G}.ddl_log DO INSTEAD NOTHING",
        f"{G}.ddl_log has the rule r",
    ),
    "the log lacks a column": (f"ALTER TABLE {G}.ddl_log DROP approval", f"{G}.ddl_log has other columns"),
    "the register has a child": (
        f"CREATE TABLE public.child () INHERITS ({G}.owned)",
        f"the table public.child depends on {G}.owned",
    ),
    "the register is referred to": (
        f"CREATE TABLE public.child (role name REFERENCES {G}.side_role)",
        f"on public.child depends on {G}.side_role",
    ),
    "an event trigger runs the code of a side": (
        (
            "CREATE FUNCTION public.trap() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'trap'; END $$; "
            "ALTER FUNCTION public.trap OWNER TO {backend}; "
            "CREATE EVENT TRIGGER foreign_trap ON ddl_command_start EXECUTE FUNCTION public.trap()"
        ),
        "the event trigger foreign_trap runs public.trap",
    ),
}


async def tampered(place, connection, script):
    """Run a script as the superuser, the event triggers off meanwhile, and return what is then told of them."""
    names = {side: place.role(side) for side in ("backend", "frontend")} | {"owner": place.contract.owner_role}
    keeps_triggers = "EVENT TRIGGER" not in script
    await connection.execute(OFF + script.format(**names) + (f";{ON}" if keeps_triggers else ""))
    async with trusted_session(connection):
        return [gap.what for gap in await PROBE(connection, place.contract)], names


@pytest.fixture
async def rolled_back(superuser):
    """The shared superuser's connection in a transaction that is rolled back."""
    transaction = superuser.transaction()
    await transaction.start()
    yield superuser
    await transaction.rollback()


@pytest.mark.parametrize(("script", "words"), [*MENDED.values(), *FOREIGN.values()], ids=[*MENDED, *FOREIGN])
async def test_every_tampering_is_recognised(with_triggers, rolled_back, script, words):
    """The status names what was changed; before, it found nothing."""
    async with trusted_session(rolled_back):
        assert await PROBE(rolled_back, with_triggers.contract) == []
    found, names = await tampered(with_triggers, rolled_back, script)
    assert any(words.format(**names) in what for what in found), found


@pytest.mark.parametrize("group", range(3))
async def test_what_can_be_mended_is_mended(with_triggers, rolled_back, group):
    """Several at once: an installation makes everything as it was, but for the traps that are left in public."""
    scripts = [script for script, _ in MENDED.values() if "EVENT TRIGGER" not in script]
    for script in scripts[group::3]:
        await tampered(with_triggers, rolled_back, script)
    report = await install(rolled_back, with_triggers.contract)
    assert {step.protection for step in report.steps if step.why} <= {"owners"}
    async with trusted_session(rolled_back):
        assert await PROBE(rolled_back, with_triggers.contract) == []


@pytest.mark.parametrize(("script", "words"), FOREIGN.values(), ids=FOREIGN)
async def test_what_is_not_the_guard_s_is_refused_by_name_and_not_touched(with_triggers, rolled_back, script, words):
    """The installation and the removal change nothing and run no trap, and say what people have to look at."""
    _, names = await tampered(with_triggers, rolled_back, script)
    changes = "SELECT count(*) FROM pg_class WHERE xmin = pg_current_xact_id()::xid"
    before = await rolled_back.fetchval(changes)
    for report in (
        await install(rolled_back, with_triggers.contract),
        await remove(rolled_back, with_triggers.contract),
    ):
        assert not report.complete
        assert any(words.format(**names) in step.what for step in report.steps)
        assert all("nothing was changed" in str(step.why) for step in report.steps)
    assert await rolled_back.fetchval(changes) == before


async def test_a_schema_that_was_made_before_is_made_anew_if_it_is_empty(places, unguarded):
    """Whoever made it owns nothing of what the installation puts into the new one."""
    place = await places.database(unguarded)
    frontend = place.role("frontend")
    async with place.connected() as superuser:
        database = await superuser.fetchval("SELECT current_database()")
        await superuser.execute(f"ALTER DATABASE {database} OWNER TO {frontend}")
    async with place.connected(frontend) as connection:
        await connection.execute(f"CREATE SCHEMA {G}; GRANT ALL ON SCHEMA {G} TO PUBLIC")
    async with place.connected() as superuser:
        assert (await install(superuser, place.contract)).complete
        assert all(one.in_place for one in await status(superuser, place.contract))
    async with place.connected(frontend) as connection:
        for statement in (
            f"DROP FUNCTION {G}.on_ddl_command_end() CASCADE",
            f"DROP TABLE {G}.ddl_log",
            f"CREATE TABLE {G}.x (id integer)",
            'DROP TABLE "user" CASCADE',
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_a_trap_in_a_schema_that_was_made_before_is_not_run(places, unguarded):
    """The installation refuses, names each object that is there, and the trap's maker is no superuser."""
    place = await places.database(unguarded)
    frontend = place.role("frontend")
    async with place.connected() as superuser:
        await superuser.execute(f"CREATE SCHEMA {G} AUTHORIZATION {frontend}; GRANT CREATE ON SCHEMA public TO PUBLIC")
    async with place.connected(frontend) as connection:
        await connection.execute(f"""
            CREATE TABLE {G}.side_role (role name NOT NULL CONSTRAINT side_role_pkey PRIMARY KEY, side text NOT NULL);
            CREATE FUNCTION public.up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                EXECUTE 'ALTER ROLE {frontend} SUPERUSER'; RETURN NEW; END $$;
            CREATE TRIGGER up BEFORE INSERT ON {G}.side_role FOR EACH ROW EXECUTE FUNCTION public.up();
            GRANT ALL ON {G}.side_role TO PUBLIC; GRANT ALL ON SCHEMA {G} TO PUBLIC
        """)
    async with place.connected() as superuser:
        report = await install(superuser, place.contract)
        assert [step.what for step in report.steps] == [
            (
                f"the schema {G} belongs to {frontend}, who can replace whatever is in it: table {G}.side_role; look "
                f"at each of them, then drop the schema with CASCADE, or give it to {place.contract.owner_role}"
            )
        ]
        assert not await superuser.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = $1", frontend)


async def test_what_an_earlier_version_made_is_brought_up_to_date(with_triggers, rolled_back):
    """Its register is made anew, its functions are replaced, and its log is kept."""
    await tampered(
        with_triggers,
        rolled_back,
        f"""
        DROP TABLE {G}.approval, {G}.declared;
        CREATE TABLE {G}.declared (
            kind text NOT NULL, schema text NOT NULL, name text NOT NULL, side text NOT NULL,
            CONSTRAINT declared_pkey PRIMARY KEY (kind, schema, name));
        ALTER TABLE {G}.declared OWNER TO {{owner}};
        DROP FUNCTION {G}.shadowed, {G}.names_taken, {G}.approve
        """,
    )
    count = f"SELECT count(*) FROM {G}.ddl_log"
    before = await rolled_back.fetchval(count)
    assert (await install(rolled_back, with_triggers.contract)).complete
    assert await rolled_back.fetchval(count) >= before
    async with trusted_session(rolled_back):
        assert await PROBE(rolled_back, with_triggers.contract) == []
