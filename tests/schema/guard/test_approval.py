"""An approval is a sentence that holds for one transaction; no setting of a session, a role or an address is one."""

import sys
import unicodedata

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

REACHES_OVER = "DROP TYPE chain_family CASCADE"
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
VISIBLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp"], exclude_characters=FILLERS),
    min_size=1,
    max_size=900,
)
BLANK = "".join(
    chr(code) for code in range(1, sys.maxunicode) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
)
SETTING = "strongroom.guard_approval"


async def approve(connection, reason):
    """Approve in the open transaction."""
    await connection.execute("SELECT strongroom_guard.approve($1)", reason)


async def test_an_approval_lets_a_side_reach_over_and_the_log_keeps_the_reason(with_triggers, acting):
    """The approval is logged by itself, and with every object that it was needed for."""
    async with acting("frontend") as connection:
        await approve(connection, "ticket 4711, agreed with Ada")
        await connection.execute(REACHES_OVER)
        logged = await connection.fetch(
            "SELECT command, object, side, approval FROM strongroom_guard.ddl_log ORDER BY id"
        )
    sentence = "ticket 4711, agreed with Ada"
    assert [tuple(row) for row in logged[-2:]] == [
        ("APPROVE", None, "frontend", sentence),
        ("DROP TYPE", "public.chain.family", "backend", sentence),
    ]


async def test_an_approval_ends_with_its_transaction(with_triggers):
    """The next transaction of the session is refused, and so is what a block does after its COMMIT."""
    async with with_triggers.connected(with_triggers.role("frontend")) as connection:
        await approve(connection, "for one transaction")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml"):
            await connection.execute(REACHES_OVER)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml"):
            await connection.execute(f"""
                DO $$ BEGIN PERFORM strongroom_guard.approve('for one'); COMMIT; {REACHES_OVER}; END $$
            """)


async def test_an_approval_ends_with_its_savepoint(acting):
    """Rolled back, it approves nothing."""
    async with acting("frontend") as connection:
        savepoint = connection.transaction()
        await savepoint.start()
        await approve(connection, "taken back")
        await savepoint.rollback()
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml"):
            await connection.execute(REACHES_OVER)


@pytest.mark.parametrize("how", [f"SET {SETTING} = 'x'", f"SET LOCAL {SETTING} = 'x'"])
async def test_a_setting_of_the_session_is_no_approval(acting, how):
    """The refusal says what takes its place."""
    async with acting("frontend") as connection:
        await connection.execute(how)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml") as caught:
            await connection.execute(REACHES_OVER)
    assert "SELECT strongroom_guard.approve('…')" in caught.value.hint
    assert f"The setting {SETTING} approves nothing" in caught.value.hint


async def test_a_setting_of_the_address_or_of_the_role_is_no_approval(with_triggers):
    """Neither as a start-up parameter, nor in its options, nor as a default of the role."""
    role = with_triggers.role("frontend")
    async with with_triggers.connected() as superuser:
        await superuser.execute(f"ALTER ROLE {role} SET {SETTING} = 'for ever'")
    try:
        for settings in ({}, {SETTING: "x"}, {"options": f"-c {SETTING}=x"}):
            connection = await asyncpg.connect(with_triggers.address(role), server_settings=settings)
            try:
                assert await connection.fetchval("SELECT current_setting($1)", SETTING)
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"strongroom\.toml"):
                    await connection.execute(REACHES_OVER)
            finally:
                await connection.close()
    finally:
        async with with_triggers.connected() as superuser:
            await superuser.execute(f"ALTER ROLE {role} RESET {SETTING}")


@given(st.text(st.sampled_from(BLANK + FILLERS), max_size=20))
async def test_a_text_that_shows_nothing_is_refused(acting, reason):
    """Unicode's white space, controls and formats do not make a sentence."""
    async with acting("frontend") as connection:
        with pytest.raises(asyncpg.InvalidParameterValueError, match="this text is blank"):
            await approve(connection, reason)


@given(st.text(st.sampled_from(BLANK), max_size=5), VISIBLE, st.sampled_from(["", " ", "\n"]))
async def test_a_sentence_is_kept_without_what_stands_around_it(acting, before, sentence, after):
    """Whatever its letters are."""
    async with acting("frontend") as connection:
        await approve(connection, before + sentence + after)
        mine = "SELECT reason FROM strongroom_guard.approval WHERE transaction = pg_current_xact_id()"
        assert await connection.fetchval(mine) == sentence


@pytest.mark.parametrize("reason", ["x" * 1001, "é" * 1001, "x" * 10_000_000, None], ids=["1001", "é", "10 MB", "NULL"])
async def test_a_text_that_is_too_long_is_refused_and_not_logged(acting, reason):
    """The error says how long it may be and repeats none of it."""
    async with acting("frontend") as connection:
        before = await connection.fetchval("SELECT count(*) FROM strongroom_guard.ddl_log")
        with pytest.raises(asyncpg.InvalidParameterValueError, match="a sentence of up to 1000 characters") as caught:
            await approve(connection, reason)
    assert len(str(caught.value)) < 200
    async with acting("frontend") as connection:
        assert await connection.fetchval("SELECT count(*) FROM strongroom_guard.ddl_log") == before


async def test_an_approval_does_not_give_what_ownership_keeps(acting):
    """Dropping the other side's own table needs the other side, whatever the reason."""
    async with acting("frontend") as connection:
        await approve(connection, "please")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="must be owner"):
            await connection.execute("DROP TABLE swaps")
