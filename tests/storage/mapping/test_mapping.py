"""The declarations of tables hold together: names, references, indexes, and the ports they serve."""

import importlib
import pkgutil
from collections import Counter

import pytest

import strongroom.ports.repositories as ports
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import MAX_IDENTIFIER_BYTES, Owner, constraint_name
from strongroom.domain.values.field_types import EnumMember
from strongroom.ports.criteria import Criteria, Operator
from strongroom.ports.storage import Repositories

tables = pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)

FINDERS = [
    (module.name, name, criteria)
    for module in pkgutil.iter_modules(ports.__path__)
    for name, criteria in vars(importlib.import_module(f"{ports.__name__}.{module.name}")).items()
    if isinstance(criteria, Criteria)
]


@tables
def test_names_follow_the_conventions(table):
    """Keys, foreign keys and indexes are named after table and fields, checks after the table and what they rule."""
    assert table.primary_key.name == constraint_name(table.name, (), "pkey")
    for unique in table.uniques[1:]:
        assert unique.name == constraint_name(table.name, unique.fields, "key")
    for key in table.foreign_keys:
        assert key.name == constraint_name(table.name, key.fields, "fkey")
    for index in table.indexes:
        assert index.name == constraint_name(table.name, (part.split()[0] for part in index.fields), "idx")
    for check in table.checks:
        assert check.name.startswith(f"{table.name}_")
        assert check.name.endswith("_check")
    assert table.immutable in (None, f"{table.name}_immutable")


def test_no_name_is_too_long_or_given_twice():
    """A name has at most 63 bytes; it is one of a kind among relations, and among the rules of a table."""
    relations = [
        name for table in PLATFORM.tables for name in (table.name, *_names(table.uniques), *_names(table.indexes))
    ]
    rules = [
        f"{table.name}.{name}"
        for table in PLATFORM.tables
        for name in (*_names(table.uniques), *_names(table.foreign_keys), *_names(table.checks), table.immutable)
        if name
    ]
    assert [name for name, times in Counter((*relations, *rules)).items() if times > 1] == []
    longest = [
        name
        for name in (*relations, *(rule.split(".")[1] for rule in rules))
        if len(name.encode()) > MAX_IDENTIFIER_BYTES
    ]
    assert longest == []


@tables
def test_a_reference_points_to_a_unique_key_of_a_table_declared_before_or_its_own(table):
    """Rows may be written in the registry's order, and a reference has the columns' types on both ends."""
    for key in table.foreign_keys:
        target = PLATFORM.table_named(key.target)
        assert target is table or PLATFORM.tables.index(target) < PLATFORM.tables.index(table)
        assert target.unique_by(key.target_fields).where is None
        types = [target.column(name).type for name in key.target_fields]
        assert [table.column(name).type for name in key.fields] == types


@tables
def test_a_reference_leads_a_key_or_an_index(table):
    """Removing a row never scans the tables that refer to it."""
    paths = [unique.fields for unique in table.uniques if not unique.where and not unique.expression]
    paths += [index.fields for index in table.indexes if not index.where]
    for key in table.foreign_keys:
        assert any(path[: len(key.fields)] == key.fields for path in paths), key.name


@pytest.mark.parametrize(("module", "name", "criteria"), FINDERS, ids=[f"{part[0]}.{part[1]}" for part in FINDERS])
def test_a_finder_has_an_index_that_leads_with_what_it_asks_for(module, name, criteria):
    """What a finder compares for equality leads a key or an index; an enumeration may be left to the rows found."""
    (table,) = [table for table in PLATFORM.entities if table.entity.__module__.endswith(f".{module}")]
    equal = {part.field for part in criteria.where if part.operator in (Operator.EQ, Operator.IN)}
    selective = {name for name in equal if not isinstance(table.column(name).kind, EnumMember)}
    paths = [unique.fields for unique in table.uniques if not unique.where and not unique.expression]
    paths += [index.fields for index in table.indexes if not index.where]
    assert any(set(path[: len(fields)]) == fields for path in paths for fields in (equal, selective))


def test_every_repository_of_the_storage_has_its_table():
    """The storage's attributes and the tables' repositories are the same names, one each."""
    assert sorted(table.repository for table in PLATFORM.entities) == sorted(Repositories.__annotations__)


def test_every_enumeration_is_held_by_a_column():
    """The enumerations are those of the tables' columns, no more and no fewer."""
    held = {
        column.kind.enum for table in PLATFORM.tables for column in table.columns if isinstance(column.kind, EnumMember)
    }
    assert held == set(PLATFORM.enums.values())


@tables
def test_a_table_is_found_by_its_name_and_by_its_entity(table):
    """Look-ups give the declaration itself; a partition's name gives its parent, and no other name does."""
    assert PLATFORM.table_named(table.name) is table
    assert PLATFORM.table_of(table.entity) is table
    for partition in (f"{table.name}_2026_01", f"{table.name}_default"):
        if table.partitioned_by:
            assert PLATFORM.table_named(partition) is table
        else:
            with pytest.raises(KeyError):
                PLATFORM.table_named(partition)
    for other in (f"{table.name}_2026_13", f"{table.name}_", "absent", ""):
        with pytest.raises(KeyError):
            PLATFORM.table_named(other)


def test_accounts_safes_subscriptions_and_chats_belong_to_the_frontend_and_the_rest_to_the_backend():
    """The frontend's migrations make the tables that its screens write, and the backend's all others."""
    areas = {"accounts", "safes", "chat"}
    for table in PLATFORM.tables:
        area = table.entity.__module__.split(".")[-2]
        frontend = area in areas or table.name in {"subscription", "subscription_plan"}
        assert (table.owner is Owner.FRONTEND) == frontend, table.name


def _names(parts):
    return [part.name for part in parts]
