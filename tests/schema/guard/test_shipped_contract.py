"""The shipped contract covers exactly the migrated database, and agrees with what the mapping says of owners."""

from pathlib import Path

import asyncpg

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.postgres.guard.objects import read_objects
from strongroom.domain.schema.contract import ObjectKind, SchemaObject

PROJECT = Path(__file__).parents[3]
CONTRACT = read_contract(PROJECT)


async def test_it_names_every_object_of_the_migrated_database_once_and_no_other(shared_database):
    """An object without an owner, with two, or named and not there would each be drift of the contract."""
    connection = await asyncpg.connect(shared_database)
    try:
        objects = [part.target for part in await read_objects(connection, CONTRACT.schemas)]
    finally:
        await connection.close()
    assert CONTRACT.ownership_findings(objects) == []
    assert CONTRACT.absent(objects) == []
    assert not any(part.pattern.is_glob for part in CONTRACT.ownership)
    assert len(set(objects)) == len(CONTRACT.ownership)


def test_it_agrees_with_the_mapping_on_the_owner_of_every_table_and_view():
    """Owners stand in two places: a table's declaration, and the contract that people read."""
    for table in PLATFORM.entities:
        kind = ObjectKind.MATERIALIZED_VIEW if table in PLATFORM.views else ObjectKind.TABLE
        assert CONTRACT.owner_of(SchemaObject(kind=kind, schema="public", name=table.name)) == table.owner.value


def test_an_enumeration_belongs_to_a_side_whose_table_holds_it():
    """The side that introduced it: one of those that use it."""
    for name in PLATFORM.enums:
        users = {
            table.owner.value for table in PLATFORM.entities for column in table.columns if column.type.startswith(name)
        }
        assert CONTRACT.owner_of(SchemaObject(kind=ObjectKind.ENUM, schema="public", name=name)) in users


def test_the_migrations_it_names_are_there():
    """Both folders lie beside it."""
    for side in CONTRACT.sides:
        assert side.migrations is not None
        assert (PROJECT / side.migrations).is_dir()
