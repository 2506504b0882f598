"""Write the SQL that Prisma's shadow database needs of the others."""

import re
from collections.abc import Container, Mapping, Sequence
from typing import Final

from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.standalone_objects import EnumType

_DOMAIN: Final = re.compile(r"DOMAIN (.+?)(?: NOT NULL| DEFAULT .*| CHECK .*)?$", re.DOTALL)
_BUILT_IN: Final = re.compile(r"[a-z][a-z0-9_ ]*(?:\([\d,]+\)[a-z ]*)?")


def shadow_sql(found: Catalog, others: Sequence[Relation], mine: Container[EnumType]) -> str:
    """Return what Prisma's shadow database needs of the others: their types and tables, without references.

    Enumerations that the frontend makes itself are text there: its own migrations come later. So is what no server has
    by itself; a domain is what it stands on.
    """
    theirs = {_type_name(enum.schema, enum.name): enum for enum in found.enums if enum not in mine}
    domains = {
        _type_name(part.schema, part.name): match[1]
        for part in found.types
        if (match := _DOMAIN.match(part.definition))
    }
    tables = [relation for relation in others if relation.is_table]
    held = {column.type.removesuffix("[]") for relation in tables for column in relation.columns}
    within = {relation.schema for relation in tables}
    enums = [enum for name, enum in theirs.items() if name in held or enum.schema in within]
    schemas = sorted((within | {enum.schema for enum in enums}) - {"public"})
    lines = [
        "-- Written by `strongroom schema prisma generate`, for Prisma's shadow database alone.",
        "",
        *(f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)};" for schema in schemas),
        *map(_enum_sql, enums),
        *(_table_sql(relation, theirs, domains) for relation in tables),
    ]
    return "\n".join(lines) + "\n"


def _type_name(schema: str, name: str) -> str:
    """Return a type's name as the catalog writes it in columns."""
    return f"{quote_if_needed(schema)}.{quote_if_needed(name)}"


def _enum_sql(enum: EnumType) -> str:
    labels = ", ".join(map(quote_literal, enum.labels))
    return f"CREATE TYPE {quote_identifier(enum.schema, enum.name)} AS ENUM ({labels});"


def _table_sql(relation: Relation, enums: Container[str], domains: Mapping[str, str]) -> str:
    columns = [
        f"{quote_identifier(column.name)} {_base_type(column.type, enums, domains)}"
        + ("" if column.nullable else " NOT NULL")
        for column in relation.columns
    ]
    if relation.primary_key:
        key = ", ".join(map(quote_identifier, relation.primary_key.columns))
        columns.append(f"CONSTRAINT {quote_identifier(relation.primary_key.name)} PRIMARY KEY ({key})")
    return f"CREATE TABLE {quote_identifier(relation.schema, relation.name)} ({', '.join(columns)});"


def _base_type(type_: str, enums: Container[str], domains: Mapping[str, str]) -> str:
    """Return the type that stands in for one: a domain's base, and text for what the server has not by itself."""
    single, lists = type_.removesuffix("[]"), "[]" * type_.endswith("[]")
    while single in domains:
        single = domains[single]
    return (single if single in enums or _BUILT_IN.fullmatch(single) else "text") + lists
