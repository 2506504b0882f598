"""Write the SQL that Prisma's shadow database needs of the others."""

import re
from collections.abc import Container, Sequence
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
    theirs = {
        f"{quote_if_needed(enum.schema)}.{quote_if_needed(enum.name)}": enum for enum in found.enums if enum not in mine
    }
    domains = {
        f"{quote_if_needed(part.schema)}.{quote_if_needed(part.name)}": match[1]
        for part in found.types
        if (match := _DOMAIN.match(part.definition))
    }

    def spelled(kind: str) -> str:
        single, lists = kind.removesuffix("[]"), "[]" * kind.endswith("[]")
        while single in domains:
            single = domains[single]
        return (single if single in theirs or _BUILT_IN.fullmatch(single) else "text") + lists

    tables = [relation for relation in others if relation.is_table]
    held = {column.type.removesuffix("[]") for relation in tables for column in relation.columns}
    within = {relation.schema for relation in tables}
    enums = {name: enum for name, enum in theirs.items() if name in held or enum.schema in within}
    schemas = sorted((within | {enum.schema for enum in enums.values()}) - {"public"})
    lines = ["-- Written by `strongroom schema prisma generate`, for Prisma's shadow database alone.", ""]
    lines += [f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)};" for schema in schemas]
    for enum in enums.values():
        labels = ", ".join(quote_literal(label) for label in enum.labels)
        lines.append(f"CREATE TYPE {quote_identifier(enum.schema, enum.name)} AS ENUM ({labels});")
    for relation in tables:
        columns = [
            f"{quote_identifier(column.name)} {spelled(column.type)}" + ("" if column.nullable else " NOT NULL")
            for column in relation.columns
        ]
        if relation.primary_key:
            key = ", ".join(map(quote_identifier, relation.primary_key.columns))
            columns.append(f"CONSTRAINT {quote_identifier(relation.primary_key.name)} PRIMARY KEY ({key})")
        lines.append(f"CREATE TABLE {quote_identifier(relation.schema, relation.name)} ({', '.join(columns)});")
    return "\n".join(lines) + "\n"
