"""Services know the schema that they were built for, and say so when they start on another."""

import logging
from pathlib import Path

import asyncpg
import pytest

from strongroom import SchemaMismatch, open_storage
from strongroom.adapters.postgres.catalog import read_catalogue
from strongroom.adapters.postgres.catalog.documents import from_document, to_document
from strongroom.adapters.postgres.known_schema import known_schema, of_entities
from strongroom.domain.schema.comparison import compare
from strongroom.domain.schema.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[2]


async def test_the_known_schema_is_what_the_migrations_make(shared_database: str) -> None:
    """The shipped document equals the migrated database: tests/schema/write_known_schema.py writes it anew."""
    connection = await asyncpg.connect(shared_database)
    try:
        found = of_entities(await read_catalogue(connection, ["public"]))
    finally:
        await connection.close()
    assert compare(known_schema(), found) == []
    assert fingerprint(known_schema()) == fingerprint(found)
    assert from_document(to_document(found)) == found.bare()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE goal RENAME name TO title", "table public.goal, name: column renamed"),
        ("ALTER TABLE price ALTER confidence SET NOT NULL", "table public.price, confidence: nullability"),
        ("DROP TABLE messages CASCADE", "table public.messages: missing"),
        ("ALTER TYPE flow_kind ADD VALUE 'gift'", "enum public.flow_kind, gift: label extra"),
        ("DROP INDEX wallet_user_id_key", "table public.wallet, wallet_user_id_key: unique missing"),
    ],
)
async def test_a_service_refuses_a_schema_that_it_does_not_know(
    database: str, caplog: pytest.LogCaptureFixture, statement: str, words: str
) -> None:
    """Strict refuses and names the difference; warn logs the same and goes on; off looks at nothing."""
    connection = await asyncpg.connect(database)
    await connection.execute(statement)
    await connection.close()
    with pytest.raises(SchemaMismatch, match=words):
        async with open_storage(database, schema_check="strict", min_size=1):
            pass
    with caplog.at_level(logging.WARNING, logger="strongroom"):
        async with open_storage(database, schema_check="warn", min_size=1) as storage:
            await storage.chains.count()
    assert words in caplog.text
    caplog.clear()
    async with open_storage(database, schema_check="off", min_size=1):
        pass
    assert caplog.text == ""


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE goal ADD COLUMN colour text",
        "ALTER TABLE goal ADD COLUMN colour text NOT NULL DEFAULT 'red'",
        "CREATE TABLE somebody_elses (id integer)",
        "CREATE INDEX one_more ON goal (name)",
        "COMMENT ON TABLE goal IS 'a goal'",
        "CREATE TYPE another AS ENUM ('a')",
    ],
)
async def test_what_breaks_nobody_stops_nobody(database: str, statement: str) -> None:
    """The other side goes on with its own work: tables, columns that fill themselves, indexes."""
    connection = await asyncpg.connect(database)
    await connection.execute(statement)
    await connection.close()
    async with open_storage(database, schema_check="strict", min_size=1) as storage:
        await storage.goals.count()
