"""Services know the schema that they were built for, and say so when they start on another."""

import logging
from pathlib import Path

import asyncpg
import pytest

from strongroom import SchemaMismatch, open_storage
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.catalog.documents import from_document, to_document
from strongroom.adapters.schema.schema_baseline import entity_part, read_schema_baseline
from strongroom.domain.schema.comparison import compare
from strongroom.domain.schema.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[3]


async def test_the_baseline_equals_the_migrated_schema(shared_database: str) -> None:
    """The shipped document equals the migrated database: write_schema_baseline.py writes it anew."""
    connection = await asyncpg.connect(shared_database)
    try:
        found = entity_part(await read_catalog(connection, ["public"]))
    finally:
        await connection.close()
    assert compare(read_schema_baseline(), found) == []
    assert fingerprint(read_schema_baseline()) == fingerprint(found)
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
async def test_harmless_differences_do_not_stop_a_service(database: str, statement: str) -> None:
    """The other side goes on with its own work: tables, columns that fill themselves, indexes."""
    connection = await asyncpg.connect(database)
    await connection.execute(statement)
    await connection.close()
    async with open_storage(database, schema_check="strict", min_size=1) as storage:
        await storage.goals.count()


RECORDED = "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', $1, now())"


async def deployed_ahead(database: str, name: str, *statements: str) -> None:
    """Do what a frontend does that deploys a migration this version does not know."""
    connection = await asyncpg.connect(database)
    for statement in statements:
        await connection.execute(statement)
    await connection.execute(RECORDED, name)
    await connection.close()


async def test_a_frontend_ahead_that_breaks_nothing_here_is_accepted_and_told(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Tables, indexes and columns that nobody here reads: strict starts, and the log names the migration."""
    await deployed_ahead(database, "20990101000000_colours", "ALTER TABLE goal ADD COLUMN colour text")
    with caplog.at_level(logging.INFO, logger="strongroom"):
        async with open_storage(database, schema_check="strict", min_size=1) as storage:
            await storage.goals.count()
    assert "prisma/20990101000000_colours, of which this version does not know: it breaks nothing here" in caplog.text


async def test_a_frontend_ahead_that_breaks_a_read_is_refused_by_its_migration(database: str) -> None:
    """The message names what breaks first, however much else there is, and which migration nobody here knows."""
    await deployed_ahead(
        database,
        "20990101000000_titles",
        *(f"ALTER TYPE {name} ADD VALUE 'more'" for name in ("flow_kind", "pool_kind", "goal_status", "tx_status")),
        "ALTER TABLE goal RENAME name TO title",
    )
    with pytest.raises(SchemaMismatch) as refused:
        async with open_storage(database, schema_check="strict", min_size=1):
            pass
    told = str(refused.value)
    assert told.startswith("the database is not as this version knows it: table public.goal, name: column renamed")
    assert "It has prisma/20990101000000_titles, of which this version does not know: start a version that does" in told
    assert "by hand" not in told


async def test_a_frontend_ahead_that_breaks_at_once_is_refused_even_where_differences_are_logged(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What breaks later is logged; and where nobody looks at the schema, whoever is ahead is refused, as ever."""
    await deployed_ahead(database, "20990101000000_gifts", "ALTER TYPE goal_status ADD VALUE 'given'")
    with caplog.at_level(logging.WARNING, logger="strongroom"):
        async with open_storage(database, schema_check="warn", min_size=1):
            pass
    assert "It has prisma/20990101000000_gifts" in caplog.text
    with pytest.raises(SchemaMismatch, match="newer than this code"):
        async with open_storage(database, schema_check="off", min_size=1):
            pass
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE goal RENAME name TO title")
    await connection.close()
    with pytest.raises(SchemaMismatch, match=r"column renamed.*It has prisma/20990101000000_gifts"):
        async with open_storage(database, schema_check="warn", min_size=1):
            pass


async def test_a_backend_ahead_is_refused_whatever_it_changed(database: str) -> None:
    """The backend's migrations are this library's own: a newer version of it is deployed."""
    connection = await asyncpg.connect(database)
    await connection.execute(
        'INSERT INTO strongroom_migration SELECT (jsonb_populate_record(m, \'{"name": "9999_new"}\')).*'
        " FROM strongroom_migration AS m LIMIT 1"
    )
    await connection.close()
    with pytest.raises(SchemaMismatch, match="pg/9999_new is applied to the database and newer than this code"):
        async with open_storage(database, schema_check="strict", min_size=1):
            pass


async def test_a_frontend_behind_is_told_by_what_it_lacks(database: str) -> None:
    """A service that applies the backend's migrations alone says which of the frontend's it waits for."""
    connection = await asyncpg.connect(database)
    await connection.execute("DELETE FROM _prisma_migrations WHERE migration_name LIKE '%message_feed'")
    await connection.execute("ALTER TABLE goal RENAME name TO title")
    await connection.close()
    with pytest.raises(SchemaMismatch, match="It lacks prisma/20260204000000_message_feed: apply what is pending"):
        async with open_storage(database, schema_check="strict", migrates="backend", min_size=1):
            pass


async def test_a_manual_change_is_reported_as_such(database: str) -> None:
    """Both records say what this version says: no migration explains the difference."""
    connection = await asyncpg.connect(database)
    await connection.execute("ALTER TABLE goal RENAME name TO title")
    await connection.close()
    with pytest.raises(SchemaMismatch, match="Every migration is applied: somebody changed it by hand"):
        async with open_storage(database, schema_check="strict", min_size=1):
            pass
