"""Names as PostgreSQL holds them and writes them in its own texts."""

import re

from strongroom.adapters.quoting import quote_identifier

from .model.constraint_names import MAX_NAME_BYTES

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# The words of PostgreSQL 16 that are not unreserved (pg_get_keywords): quote_ident puts quotes around them.
KEYWORDS = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do
else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike
in initially inner inout int integer intersect interval into is isnull join json_array json_arrayagg json_object
json_objectagg lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not
notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real
references returning right row select session_user setof similar smallint some substring symmetric system_user table
tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
xmlserialize xmltable
"""
RESERVED = frozenset(KEYWORDS.split())


def truncate_identifier(name: str) -> str:
    """Return a name as PostgreSQL keeps it: cut to 63 bytes between two characters."""
    return name.encode()[:MAX_NAME_BYTES].decode(errors="ignore")


def quote_if_needed(name: str) -> str:
    """Return a name as PostgreSQL writes it: in double quotes if it needs them."""
    if PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    return quote_identifier(name)


def quote_catalog_literal(text: str) -> str:
    """Return a string as PostgreSQL writes it in its own texts."""
    return "'" + text.replace("'", "''") + "'"


def sequence_name(table: str, column: str) -> str:
    """Return the name of the sequence that SERIAL makes, where it is free: the longer of both names is cut first."""
    parts = [table.encode(), column.encode()]
    while len(parts[0]) + len(parts[1]) > MAX_NAME_BYTES - len("__seq"):
        longer = 0 if len(parts[0]) > len(parts[1]) else 1
        parts[longer] = parts[longer][:-1]
    return "_".join([*(part.decode(errors="ignore") for part in parts), "seq"])
