"""A cursor that leaves nothing behind on a connection of the server that a pooler hands on."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Final

import asyncpg

_numbers: Final = count(1)


class DeclaredCursor:
    """A cursor that SQL declares, in a transaction; its name ends with that.

    asyncpg's own is a named prepared statement, even without a statement cache, numbered alike in every process. Its
    Close comes within a later transaction, which may meet another connection of the server.
    """

    def __init__(self, connection: "asyncpg.Connection[Any]", sql: str, values: Sequence[Any]) -> None:
        self._connection = connection
        self._sql = sql
        self._values = values
        self._name = f"strongroom_cursor_{next(_numbers)}"

    async def open(self) -> None:
        """Declare the cursor."""
        await self._connection.fetch(f"DECLARE {self._name} NO SCROLL CURSOR FOR {self._sql}", *self._values)

    async def fetch(self, size: int) -> "list[asyncpg.Record]":
        """Return the next rows, at most so many."""
        return await self._connection.fetch(f"FETCH FORWARD {size} FROM {self._name}")

    async def close(self) -> None:
        """Close the cursor."""
        await self._connection.execute(f"CLOSE {self._name}")


async def open_cursor(connection: "asyncpg.Connection[Any]", sql: str, values: Sequence[Any]) -> Any:
    """Open a cursor over a query: asyncpg's own, which costs a round trip less, unless a pooler stands between."""
    if not getattr(connection, "is_unpinned", False):
        return await connection.cursor(sql, *values)
    cursor = DeclaredCursor(connection, sql, values)
    await cursor.open()
    return cursor


async def close_cursor(cursor: Any) -> None:
    """Close a cursor: what is read by an open one can be neither refreshed nor altered in its transaction."""
    if isinstance(cursor, DeclaredCursor):
        await cursor.close()
    else:
        await cursor._close_portal(None)  # noqa: SLF001 - asyncpg closes those of its iterators alone
