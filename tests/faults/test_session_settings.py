"""The settings of every session that strongroom opens: a search path that no other role can write to."""

import re
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.connection import SAFE_SEARCH_PATH, connect

SOURCES = [path for name in ("adapters", "bootstrap") for path in (Path(__file__).parents[2] / name).rglob("*.py")]
SHOWN = "SELECT current_setting('search_path'), current_setting('row_security')"


@pytest.fixture
async def misled(database: str) -> str:
    """A database whose own settings, and those of the role that connects, name the schema that everybody writes to."""
    connection = await asyncpg.connect(database)
    try:
        name, role = await connection.fetchrow("SELECT current_database(), current_user")
        for whom in (f'DATABASE "{name}"', f'ROLE "{role}" IN DATABASE "{name}"'):
            await connection.execute(f"ALTER {whom} SET search_path = public, pg_catalog")
    finally:
        await connection.close()
    return database


def with_query(url: str, query: str) -> str:
    """Return an address with more in its query."""
    return f"{url}{'&' if '?' in url else '?'}{query}"


@pytest.mark.parametrize(
    "query",
    [
        "application_name=plain",
        "search_path=public",
        "search_path=public&Search_Path=public&SEARCH_PATH=public",
        "options=-c%20search_path%3Dpublic%20-c%20row_security%3Don",
    ],
)
async def test_the_search_path_is_safe_whatever_else_says(misled: str, query: str) -> None:
    """Address, role and database may name another search path: sessions of strongroom start with their own."""
    connection = await connect(with_query(misled, query))
    try:
        assert tuple(await connection.fetchrow(SHOWN)) == (SAFE_SEARCH_PATH, "off")
        await connection.execute("SET search_path = public; SET row_security = on; RESET ALL")
        assert tuple(await connection.fetchrow(SHOWN)) == (SAFE_SEARCH_PATH, "off")
    finally:
        await connection.close()
    settings = PostgresSettings(url=with_query(misled, query), min_size=1, max_size=1)
    async with await open_postgres(settings) as storage, storage.pool.connection() as pooled:
        assert await pooled.fetchval("SELECT current_setting('search_path')") == SAFE_SEARCH_PATH


async def test_a_bare_name_creates_nothing(misled: str) -> None:
    """A statement that forgets the schema of what it creates is refused, not obeyed somewhere."""
    connection = await connect(misled)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE forgotten ()")
    finally:
        await connection.close()


def test_no_other_module_opens_connections() -> None:
    """Only ``connecting`` and ``pool`` call the driver's functions that open connections."""
    opening = re.compile(r"asyncpg\.(connect|create_pool)\(")
    found = {path.name for path in SOURCES if opening.search(path.read_text(encoding="utf-8"))}
    assert found == {"connection.py", "pool.py"}


async def test_a_policy_is_refused_where_the_schema_is_checked(database: str) -> None:
    """A policy runs functions with its reader's rights: a session that migrates or checks reads nothing under one."""
    administrator: asyncpg.Connection[Any] = await asyncpg.connect(database)
    role = f"reader_{uuid.uuid4().hex[:12]}"
    try:
        await administrator.execute(f"""
            CREATE ROLE {role};
            GRANT SELECT ON public.chain TO {role};
            CREATE FUNCTION public.seen() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''ran''; END';
            ALTER TABLE public.chain ENABLE ROW LEVEL SECURITY;
            CREATE POLICY trojan ON public.chain USING (public.seen());
        """)
        connection = await connect(database)
        try:
            await connection.execute(f"SET ROLE {role}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await connection.fetch("SELECT FROM public.chain")
        finally:
            await connection.close()
    finally:
        await administrator.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await administrator.close()
