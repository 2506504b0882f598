"""Report in ``strongroom status`` the rows that no entity can hold, and the checks that older rows may break."""

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import Any, Final

from attrs import frozen
from rich.console import Console

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.executor import PoolExecutor
from strongroom.adapters.postgres.unreadable import unreadable_rows
from strongroom.adapters.postgres.violations import Violation
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import ServerAddresses
from strongroom.bootstrap.settings import Settings
from strongroom.ports.clock import SystemClock, Uuid7Source
from strongroom.ports.errors import UnreadableRow
from strongroom.ports.progress import track

SHOWN: Final = 20
"""The number of rows that are named to people."""
MAX_LISTED: Final = 1000
"""The number of unreadable rows of a table that are listed."""


@frozen
class UnreadableRows:
    """The number of rows that no entity can hold, and the first rows of each table."""

    count: int
    listed: list[UnreadableRow]


async def find_unreadable(
    at: ServerAddresses, settings: Settings, model: Model, tables: Iterable[Table]
) -> UnreadableRows:
    """Look through tables and views for rows that no entity can hold."""
    count, listed = 0, []
    pool = PostgresSettings(
        url=at.session_url, min_size=1, max_size=1, connect_timeout=settings.connect_timeout, statement_timeout=0
    )
    async with await open_postgres(pool, model=model) as storage:
        executor = PoolExecutor(storage.pool, model, SystemClock(), Uuid7Source())
        for table in track("look through tables", list(tables)):
            of_table = 0
            async with aclosing(unreadable_rows(executor, table)) as found:
                async for row in found:
                    of_table += 1
                    if of_table <= MAX_LISTED:
                        listed.append(row)
            count += of_table
    return UnreadableRows(count, listed)


def unreadable_document(unreadable: UnreadableRows | None) -> dict[str, Any]:
    """Return the rows that cannot be read as a part of JSON; nothing if they were not looked for."""
    if unreadable is None:
        return {}
    rows = [
        {"table": row.table, "key": str(row.key), "column": row.column, "value": row.value, "reason": row.reason}
        for row in unreadable.listed
    ]
    return {"unreadable": {"count": unreadable.count, "rows": rows}}


def show_unreadable(console: Console, rows: UnreadableRows) -> None:
    """Write the rows that cannot be read for people."""
    if not rows.count:
        console.print("Every row can be read.")
        return
    console.print(f"[red]{rows.count:,} rows cannot be read:[/]")
    for row in rows.listed[:SHOWN]:
        console.print(f"[red]  {escape_text(str(row))}[/]", soft_wrap=True)
    if rows.count > SHOWN:
        console.print(f"[red]  and {rows.count - SHOWN:,} more: --json lists up to {MAX_LISTED:,} of each table[/]")


def unvalidated_document(checks: Sequence[Violation]) -> list[dict[str, Any]]:
    """Return the checks that are not validated as a part of JSON."""
    return [{"table": one.table, "constraint": one.constraint, "rows": one.rows, "query": one.query} for one in checks]


def show_unvalidated(console: Console, checks: Sequence[Violation]) -> None:
    """Write the checks that are not validated for people, each with the rows that stand in its way."""
    for check in checks:
        console.print(f"[yellow]{escape_text(str(check))}[/]", soft_wrap=True)
