"""Another program that writes to the database: by plain SQL, past all rules that we put there if the test says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

DROP_RULES: Final = """
    DO $$
    DECLARE
        rule record;
    BEGIN
        FOR rule IN
            SELECT conrelid::regclass AS of_table, conname
            FROM pg_constraint
            WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND coninhcount = 0
        LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.of_table, rule.conname);
        END LOOP;
    END
    $$
"""
"""Drop the checks of all tables, as in a database whose rows are older than the checks."""


@asynccontextmanager
async def foreign_writer(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Give a connection on which no trigger runs and no foreign key is looked up."""
    connection = await asyncpg.connect(url, server_settings={"session_replication_role": "replica"})
    try:
        yield connection
    finally:
        await connection.close()
