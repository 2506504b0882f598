"""Empty a storage between two tests, or two examples of a property."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, Final

import asyncpg

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.connection import connect

LOCK_SECONDS: Final = 2


class StorageInUse(AssertionError):
    """The tables cannot be truncated because a test left a session open."""


@cache
def _emptying(model: Model) -> tuple[dict[str, str], str]:
    """Return the statement that empties each table and view, in an order that every foreign key allows.

    Beside them stands the query that names those that hold rows, in that order.
    """
    statements = {
        **{table.sql_name: f"DELETE FROM {table.sql_name}" for table in (*reversed(model.tables), *model.own_tables)},
        **{view.sql_name: f"REFRESH MATERIALIZED VIEW {view.sql_name}" for view in model.views},
    }
    cases = ", ".join(f"CASE WHEN EXISTS (SELECT FROM {name}) THEN '{name}' END" for name in statements)
    return statements, f"SELECT array_remove(ARRAY[{cases}]::text[], NULL)"


async def empty_tables(connection: "asyncpg.Connection[Any]", model: Model = PLATFORM) -> None:
    """Delete all rows of a model's entities, and refresh the materialized views that had some.

    One prepared query names the tables that hold rows, and only these are touched: planning a DELETE for every table
    costs more than a short test does, and TRUNCATE costs more still.
    """
    statements, query = _emptying(model)
    filled = await connection.fetchval(query)
    if filled:
        await connection.execute("; ".join(statements[name] for name in filled))


class PostgresTruncater:
    """Empties a database from a thread of its own, so that it can be asked from within any event loop, or none."""

    def __init__(self, url: str, model: Model = PLATFORM) -> None:
        self._url = url
        self._model = model
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="strongroom-emptier", daemon=True)
        self._thread.start()
        self._connection: asyncpg.Connection[Any] = self._run(self._connect())

    def truncate(self) -> None:
        """Remove all rows. Raises StorageInUse when a transaction that was left open holds some of them."""
        try:
            self._run(empty_tables(self._connection, self._model))
        except asyncpg.LockNotAvailableError:
            message = (
                f"the tables could not be emptied within {LOCK_SECONDS} seconds: "
                "a transaction of an earlier test is still open; leave it by its context manager"
            )
            raise StorageInUse(message) from None

    def close(self) -> None:
        """Close the connection and end the thread."""
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> "asyncpg.Connection[Any]":
        return await connect(self._url, server_settings={"lock_timeout": f"{LOCK_SECONDS}s"})

    def _run(self, call: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()
