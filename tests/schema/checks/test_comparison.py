"""Two catalogs are equal where nothing differs that anybody relies on, and every other change is named."""

import asyncio
import subprocess
from collections import Counter
from typing import Any

import asyncpg
import pytest
from support.schema.catalog_rows import BOOKKEEPING
from support.schema.mutations import mutations, not_drift

from strongroom.adapters.embedded.programs import program_folder
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.catalog.reader import read_catalog_in_transaction
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import compare

COUNT = 200


@pytest.fixture(scope="module")
async def server(shared_database: str) -> Any:
    """A connection to the migrated database, and its catalog."""
    connection = await asyncpg.connect(shared_database)
    yield connection, await read_catalog(connection, ["public"])
    await connection.close()


async def after(connection: Any, *statements: str) -> Catalog:
    """Return the catalog after statements that are undone again."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        for statement in statements:
            await connection.execute(statement)
        return await read_catalog_in_transaction(connection, ["public"])
    finally:
        await transaction.rollback()


async def test_two_hundred_random_mutations_are_each_named(server: Any) -> None:
    """Every change is found, at the object and the part that were changed, as what it is."""
    connection, catalog = server
    wrong, kinds = [], Counter()
    changed = catalog.without(frozenset(("public", name) for name in BOOKKEEPING))
    for mutation in mutations(changed, seed=20260101, count=COUNT):
        found = compare(catalog, await after(connection, mutation.sql))
        kinds[mutation.aspect] += 1
        named = {(difference.target.name, difference.aspect, difference.part) for difference in found}
        if (mutation.target, mutation.aspect, mutation.part) not in named:
            wrong.append(f"{mutation.sql}: {', '.join(map(str, found)) or 'nothing'}")
    assert not wrong, "\n".join(wrong)
    assert kinds.total() == COUNT
    assert len(kinds) == 17


async def test_harmless_differences_are_not_named(server: Any) -> None:
    """Comments, statistics, privileges and partitions do not count, on every table at once."""
    connection, catalog = server
    assert compare(catalog, catalog) == []
    assert compare(catalog, await after(connection, *not_drift(catalog))) == []


async def test_a_key_that_is_deferrable_is_another_key(server: Any) -> None:
    """Nothing can go by it that needs a key at once: neither ON CONFLICT nor a foreign key."""
    connection, _ = server
    for make_anew, part, text in (
        (
            "coin_data DROP CONSTRAINT coin_data_pkey, ADD CONSTRAINT coin_data_pkey PRIMARY KEY (coin_id)",
            None,
            "coin_id",
        ),
        ("chain ADD CONSTRAINT again UNIQUE (name)", "again", "unique btree (name)"),
    ):
        plain = await after(connection, f"ALTER TABLE {make_anew}")
        [told] = compare(plain, await after(connection, f"ALTER TABLE {make_anew} DEFERRABLE"))
        assert told.part == part
        assert text in str(told.expected)
        assert str(told.found).endswith("DEFERRABLE")


async def test_the_order_of_columns_does_not_count(server: Any) -> None:
    """A table whose columns stand in another order is the same table."""
    connection, catalog = server
    found = await after(
        connection,
        "CREATE TABLE one (a integer NOT NULL, b text, c date)",
        "ALTER TABLE one RENAME TO two; CREATE TABLE one (c date, a integer NOT NULL, b text); DROP TABLE two",
    )
    expected = await after(connection, "CREATE TABLE one (a integer NOT NULL, b text, c date)")
    assert compare(expected, found) == []
    assert [str(part) for part in compare(catalog, found)] == ["table public.one: extra (found table)"]


async def test_the_catalog_is_read_in_a_constant_number_of_statements(server: Any) -> None:
    """However many tables there are: twelve queries, in one snapshot."""
    connection, _ = server
    counts = []
    for tables in (0, 50):
        logged: list[Any] = []
        connection.add_query_logger(logged.append)
        await after(connection, *(f"CREATE TABLE t{number} (id integer PRIMARY KEY)" for number in range(tables)))
        connection.remove_query_logger(logged.append)
        counts.append(len(logged) - tables)
    assert counts[0] == counts[1]


def program(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs."""
    subprocess.run([program_folder() / name, *arguments], check=True, capture_output=True)


async def test_a_copy_restored_from_a_dump_is_equal(
    server: Any, shared_database: str, empty_database: str, tmp_path: Any
) -> None:
    """What pg_dump writes and psql reads back has the same catalog."""
    _, catalog = server
    dump = tmp_path / "schema.sql"
    await asyncio.to_thread(program, "pg_dump", "--schema-only", "-f", str(dump), shared_database)
    await asyncio.to_thread(program, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), empty_database)
    connection = await asyncpg.connect(empty_database)
    try:
        assert compare(catalog, await read_catalog(connection, ["public"])) == []
    finally:
        await connection.close()
