"""The log keeps who changed the schema outside either migrator, and who went past the guard with an approval."""

import asyncpg
import pytest

LATER = "SELECT command, object, side, approval FROM strongroom_guard.ddl_log WHERE id > $1 ORDER BY id"


async def logged_by(place, connection, *scripts):
    """Run scripts, each as a side (or as the superuser, for None), and return what the log has gained."""
    newest = await connection.fetchval("SELECT coalesce(max(id), 0) FROM strongroom_guard.ddl_log")
    for side, script in scripts:
        if side is None:
            await connection.execute(script)
        else:
            await place.act(connection, side, script)
    return [tuple(row) for row in await connection.fetch(LATER, newest)]


async def test_ddl_of_somebody_else_is_logged_and_permitted(with_triggers):
    """A superuser is not bound, but seen: what was changed, whose it was, and what was dropped with it."""
    async with with_triggers.rolled_back() as connection:
        logged = await logged_by(
            with_triggers,
            connection,
            (None, "ALTER TABLE coin ADD COLUMN extra integer"),
            (None, "COMMENT ON TABLE goal IS 'ours'"),
            (None, "DROP TABLE chats CASCADE"),
        )
    assert logged[:3] == [
        ("ALTER TABLE", "public.coin", "backend", None),
        ("COMMENT", "public.goal", "frontend", None),
        ("DROP TABLE", "public.chats", "frontend", None),
    ]
    victims = {(name, side) for _, name, side, _ in logged[3:]}
    assert victims == {
        ("chat_member_chat_id_fkey on public.chat_member", "frontend"),
        ("messages_chat_id_fkey on public.messages", "frontend"),
    }


async def test_the_log_says_who_it_was_and_nothing_of_what_was_written(with_triggers):
    """The login, the role it had become and the application are kept; the text of statements is not."""
    async with with_triggers.rolled_back() as connection:
        await connection.execute("SET LOCAL application_name = 'by hand'")
        await connection.execute("CREATE VIEW extra AS SELECT 'a password' AS secret")
        row = dict(await connection.fetchrow("SELECT * FROM strongroom_guard.ddl_log ORDER BY id DESC LIMIT 1"))
        assert row["login"] == row["role"] == await connection.fetchval("SELECT current_user::text")
        assert (row["application"], row["object"], row["side"]) == ("by hand", "public.extra", None)
        assert "a password" not in str(row)


async def test_the_own_work_of_a_side_and_temporary_tables_are_not_logged(with_triggers):
    """The log is for what nobody expects."""
    async with with_triggers.rolled_back() as connection:
        logged = await logged_by(
            with_triggers,
            connection,
            ("backend", "CREATE TABLE extra (id integer PRIMARY KEY); DROP TABLE extra"),
            ("frontend", "CREATE TEMPORARY TABLE extra (id integer); DROP TABLE extra"),
            (None, "CREATE TEMPORARY TABLE extra (id integer); DROP TABLE extra"),
        )
    assert logged == []


async def test_a_member_of_a_migrator_acts_for_its_side(with_triggers):
    """A login of a deployment that is a member of the frontend's role is bound as that is, and its own work goes on."""
    async with with_triggers.rolled_back() as connection:
        await connection.execute(f"CREATE ROLE deployer LOGIN IN ROLE {with_triggers.role('frontend')}")
        await connection.execute("SET SESSION AUTHORIZATION deployer")
        await connection.execute("ALTER TABLE goal ADD COLUMN extra integer")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml"):
            async with connection.transaction():
                await connection.execute('DROP TABLE "user" CASCADE')
        await connection.execute("RESET SESSION AUTHORIZATION")


async def test_a_side_reads_the_log_and_cannot_write_it(with_triggers):
    """Nor can it change what the event triggers know, or call their helpers."""
    async with with_triggers.rolled_back() as connection:
        await with_triggers.act(connection, "backend", "SELECT * FROM strongroom_guard.ddl_log")
        for attempt in (
            "DELETE FROM strongroom_guard.ddl_log",
            "INSERT INTO strongroom_guard.side_role VALUES ('someone', 'backend')",
            "UPDATE strongroom_guard.owned SET side = 'backend'",
            "SELECT strongroom_guard.register(1259, 'coin'::regclass, 'frontend')",
            "SELECT strongroom_guard.record('DROP TABLE', 'table', 'coin', 'frontend')",
            "DROP FUNCTION strongroom_guard.on_sql_drop() CASCADE",
            "ALTER EVENT TRIGGER strongroom_guard_drop DISABLE",
            "DROP EVENT TRIGGER strongroom_guard_drop",
            "DROP SCHEMA strongroom_guard CASCADE",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(f"SET SESSION AUTHORIZATION {with_triggers.role('backend')}")
                    await connection.execute(attempt)
