"""The migrated database and the mapping say the same of every table, both ways."""

import pytest
from support.schema.catalog_rows import ASPECTS, differences

from strongroom.adapters.mapping.platform import PLATFORM

PARTITIONED = [table for table in PLATFORM.tables if table.partitioned_by]
MONTHS = [(year, month) for year in (2026, 2027) for month in range(1, 13)]

PARTITIONS = """
    SELECT child.relname, pg_get_expr(child.relpartbound, child.oid)
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
    WHERE inhparent = $1::regclass
"""
OWN_OF_PARTITIONS = """
    SELECT child.relname || '.' || conname
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_constraint ON conrelid = child.oid
    WHERE inhparent = $1::regclass AND coninhcount = 0
    UNION ALL
    SELECT child.relname || '.' || index.relname
    FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_index ON indrelid = child.oid
    JOIN pg_class AS index ON index.oid = indexrelid
    WHERE inhparent = $1::regclass AND NOT index.relispartition
"""


@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_database_holds_what_the_mapping_declares_and_nothing_else(aspect, declared, migrated):
    """Of each aspect, nothing stands on one side alone, and nothing differs."""
    lines = differences({**migrated, aspect: declared[aspect]}, migrated)
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("aspect", sorted(ASPECTS.keys() - {"other constraint"}))
def test_every_aspect_that_is_compared_has_something_to_compare(aspect, declared):
    """A query that finds nothing would agree with everything."""
    assert declared[aspect]


@pytest.mark.parametrize("table", PARTITIONED, ids=lambda table: table.name)
async def test_a_time_series_has_a_partition_for_every_month_and_one_for_the_rest(table, connection):
    """The partitions are the UTC months of 2026 and 2027 without a gap, named by month, and a default one."""
    await connection.execute("SET LOCAL timezone = 'UTC'")
    expected = {f"{table.name}_default": "DEFAULT"}
    for (year, month), (next_year, next_month) in zip(MONTHS, [*MONTHS[1:], (2028, 1)], strict=True):
        expected[f"{table.name}_{year}_{month:02}"] = (
            f"FOR VALUES FROM ('{year}-{month:02}-01 00:00:00+00') TO ('{next_year}-{next_month:02}-01 00:00:00+00')"
        )
    assert dict(await connection.fetch(PARTITIONS, table.name)) == expected


@pytest.mark.parametrize("table", PARTITIONED, ids=lambda table: table.name)
async def test_a_partition_has_the_rules_of_its_parent_and_none_of_its_own(table, connection):
    """Every constraint and every index of a partition comes from the parent."""
    assert await connection.fetch(OWN_OF_PARTITIONS, table.name) == []


@pytest.mark.parametrize("table", [table for table in PLATFORM.tables if table.immutable], ids=lambda table: table.name)
async def test_an_update_of_an_immutable_row_is_refused_by_the_name_of_the_rule(table, connection):
    """The refusal is a check violation that carries the rule's and the table's name."""
    for key in table.foreign_keys:
        await connection.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {key.name}")
    required = [column for column in table.columns if not column.optional]
    samples = {"uuid": "gen_random_uuid()", "timestamp with time zone": "now()", "flow_kind": "'deposit'"}
    names = ", ".join(column.name for column in required)
    values = ", ".join(samples.get(column.type, "1") for column in required)
    await connection.execute(f"INSERT INTO {table.name} ({names}) VALUES ({values})")
    with pytest.raises(Exception, match="never changes") as caught:
        await connection.execute(f"UPDATE {table.name} SET at = at")
    error = caught.value
    assert (error.sqlstate, error.constraint_name, error.table_name) == ("23514", table.immutable, table.name)
