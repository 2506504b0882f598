"""Several statements on one connection, each raising the port's errors."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import asyncpg

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Table

from .cursor import close_cursor, open_cursor
from .driver import abort, is_lost
from .errors import is_unanswered, raise_translated

T = TypeVar("T")
Records = list[asyncpg.Record]
_TRANSACTION_ID: Final = "SELECT pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text"


class StatementRunner:
    """Statements about one table on a connection that is in a transaction.

    What the caller's own code raises between them passes through as it is. ``note`` is told of every error, before
    it is raised as the port's.
    """

    def __init__(
        self,
        connection: "asyncpg.Connection[Any]",
        table: Table | None,
        note: Callable[[BaseException], None] | None = None,
        *,
        model: Model | None = None,
        read_only: bool = False,
    ) -> None:
        self._connection = connection
        self._table = table
        self._note = note
        self._model = model
        self._read_only = read_only

    async def execute(self, sql: str) -> str:
        """Run commands and return the tag of the last."""
        return await self._answer(self._connection.execute, sql)

    async def commit(self, *, wrote: bool) -> str:
        """Commit and return the tag. Raises CommitUnknown if the answer is lost.

        A transaction that ``wrote`` is asked for its id first: nothing else tells afterwards what became of it.
        """
        number = await self._answer(self._connection.fetchval, _TRANSACTION_ID) if wrote else None
        try:
            return await self._connection.execute("COMMIT")
        except BaseException as error:
            if self._note is not None:
                self._note(error)
            if isinstance(error, Exception):
                unknown = wrote and is_unanswered(error, self._connection)
                raise_translated(
                    error,
                    self._table,
                    lost=is_lost(self._connection),
                    unknown=unknown,
                    transaction_id=None if number is None else int(number),
                )
            raise

    async def row(self, sql: str, *values: Any) -> Any:
        """Run a statement and return its first row."""
        return await self._answer(self._connection.fetchrow, sql, *values)

    async def copy(self, table_name: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write rows into a temporary table, through binary COPY."""
        copy = self._connection.copy_records_to_table
        await self._answer(copy, table_name, records=rows, columns=list(names), schema_name="pg_temp")

    async def cursor(self, sql: str, values: Sequence[Any]) -> Any:
        """Open a cursor over a query."""
        return await self._answer(open_cursor, self._connection, sql, values)

    async def rows(self, cursor: Any, count: int) -> Records:
        """Return the next rows of a cursor."""
        return await self._answer(cursor.fetch, count)

    async def close(self, cursor: Any) -> None:
        """Close a cursor."""
        await self._answer(close_cursor, cursor)

    async def _answer(self, call: Callable[..., Awaitable[T]], *arguments: Any, **named: Any) -> T:
        try:
            return await call(*arguments, **named)
        except BaseException as error:
            if self._note is not None:
                self._note(error)
            if isinstance(error, Exception):
                raise_translated(
                    error,
                    self._table,
                    model=self._model,
                    read_only=self._read_only,
                    lost=is_lost(self._connection),
                )
            raise


async def roll_back(connection: "asyncpg.Connection[Any]") -> None:
    """Leave no transaction open; a connection that cannot do even that is replaced when it is given back."""
    try:
        await connection.execute("ROLLBACK")
    except Exception:  # noqa: BLE001 - whatever it is, it must not take the place of the caller's own error
        abort(connection)
