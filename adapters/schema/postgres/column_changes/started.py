"""Read what a change of a column that has begun was made from."""

from collections.abc import Sequence

import asyncpg

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.change_context import ChangeContext
from strongroom.domain.schema.column_change import (
    ColumnChange,
    ColumnChangeRefused,
    DropColumn,
    RenameOrRetype,
    SetNotNull,
)

from .reader import Connection, read_change
from .sync_trigger import drop_sync_trigger


async def read_started_change(connection: Connection, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
    """Read a change that has begun as if it had not: what its beginning made is removed, and restored afterwards.

    Raises ColumnChangeRefused.
    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        table = f"ALTER TABLE {quote_identifier(change.schema, change.table)}"
        undone = list(drop_sync_trigger(change)) if not isinstance(change, DropColumn) else []
        if isinstance(change, RenameOrRetype):
            undone.append(f"{table} DROP COLUMN {quote_identifier(change.new)}")
        elif isinstance(change, SetNotNull):
            undone.append(f"{table} DROP CONSTRAINT {quote_identifier(change.not_null_check)}")
        try:
            for statement in undone:
                await connection.execute(statement)
        except asyncpg.PostgresError as error:
            message = f"{change}: its beginning is not as it was written: {error.message}. {error.detail or ''}".strip()
            raise ColumnChangeRefused(message) from None
        return await read_change(connection, change, schemas)
    finally:
        await transaction.rollback()
