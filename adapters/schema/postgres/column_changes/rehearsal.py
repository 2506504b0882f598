"""Tries whether rows of a table may be updated: a backfill that a trigger would refuse is refused before it begins."""

from typing import Any, Final

import asyncpg

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.column_change import ColumnChangeRefused, DropColumn, Target

_CONSTRAINTS: Final = """
    SELECT conname::text FROM pg_constraint WHERE conrelid = $1::text::regclass AND conparentid = 0 AND contype <> 't'
    ORDER BY contype <> 'f'
"""
_COLUMNS: Final = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attnotnull AND attidentity = ''
"""
_REFUSALS: Final = ("P0001", "23", "42501", "55", "0A")
"""How a trigger refuses: it raises, names a constraint as violated (none is left to be), or says that it may not be."""


async def require_updatable(connection: "asyncpg.Connection[Any]", change: Target) -> None:
    """Raise ChangeRefused where a trigger refuses to have a row updated whose values stay as they are.

    The connection is in a transaction of a scratch database, which is left as it was. A row is made for the look, of
    nothing but defaults, with no constraint in its way; where even that cannot be, nothing is said.
    """
    if isinstance(change, DropColumn):
        return
    transaction = connection.transaction()
    await transaction.start()
    try:
        if await _has_any_row(connection, change):
            await _rehearse_update(connection, change)
    finally:
        await transaction.rollback()


async def _has_any_row(connection: "asyncpg.Connection[Any]", change: Target) -> bool:
    table = quote_identifier(change.schema, change.table)
    try:
        await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for (name,) in await connection.fetch(_CONSTRAINTS, table):
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quote_identifier(name)} CASCADE")
        for (name,) in await connection.fetch(_COLUMNS, table):
            await connection.execute(f"ALTER TABLE {table} ALTER COLUMN {quote_identifier(name)} DROP NOT NULL")
        await connection.execute(f"INSERT INTO {table} DEFAULT VALUES")
        await connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    except asyncpg.PostgresError:
        return False
    return True


async def _rehearse_update(connection: "asyncpg.Connection[Any]", change: Target) -> None:
    table, column = quote_identifier(change.schema, change.table), quote_identifier(change.column)
    try:
        await connection.execute(f"UPDATE {table} SET {column} = {column}")
    except asyncpg.PostgresError as error:
        if not str(error.sqlstate).startswith(_REFUSALS):
            return  # what a row of defaults meets, and no other row
        message = (
            f"{change} cannot be changed in steps: a trigger refuses to have older rows filled ({error.message}). "
            "Have it let such updates pass in a migration of its own first"
        )
        raise ColumnChangeRefused(message) from None
