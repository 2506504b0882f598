"""The names that Prisma gives to constraints and indexes where a schema gives none, all from names of the database."""

from collections.abc import Sequence

MAX_NAME_BYTES = 63


def primary_key_name(table: str) -> str:
    """Return the name of a table's primary key."""
    return _truncate(table, "_pkey")


def unique_name(table: str, columns: Sequence[str]) -> str:
    """Return the name of a unique index over columns."""
    return _truncate("_".join([table, *columns]), "_key")


def index_name(table: str, columns: Sequence[str]) -> str:
    """Return the name of an index over columns."""
    return _truncate("_".join([table, *columns]), "_idx")


def foreign_key_name(table: str, columns: Sequence[str]) -> str:
    """Return the name of a foreign key on columns."""
    return _truncate("_".join([table, *columns]), "_fkey")


def join_table_name(table: str, suffix: str) -> str:
    """Return the name of what belongs to the table between two lists: its key, its index, its foreign keys."""
    return _truncate(table, suffix)


def _truncate(stem: str, suffix: str) -> str:
    """Join both within 63 bytes, cutting the stem between two characters."""
    kept = stem.encode()[: MAX_NAME_BYTES - len(suffix)].decode(errors="ignore")
    return kept + suffix
