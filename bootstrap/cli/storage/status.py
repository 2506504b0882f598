"""``strongroom status``: the server, the pool's settings, the migrations, what is stored, and how fresh views are."""

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import field, frozen
from rich.console import Console
from rich.table import Table

from strongroom.adapters.embedded import default_folder
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.names import OWN_SCHEMA, own_name
from strongroom.adapters.mapping.table import Table as Declaration
from strongroom.adapters.mapping.view_refresh import VIEW_REFRESH
from strongroom.adapters.postgres.connection import connected
from strongroom.adapters.postgres.migrator import MigrationState, MigrationStatus, Migrator
from strongroom.adapters.postgres.shadows import Shadow, find_shadows
from strongroom.adapters.postgres.violations import Violation, unvalidated_checks
from strongroom.bootstrap.cli.outcome import ExitCode
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import server_addresses
from strongroom.bootstrap.settings import Settings

from .bad_rows import (
    UnreadableRows,
    find_unreadable,
    show_unreadable,
    show_unvalidated,
    unreadable_document,
    unvalidated_document,
)

_SERVER = """
    SELECT current_setting('server_version') AS version,
           current_setting('max_connections')::int AS max_connections,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
           pg_size_pretty(pg_database_size(current_database())) AS size
"""

_VIEWS = f"""
    SELECT name, relispopulated, refreshed_at, greatest(now(), refreshed_at) - refreshed_at AS age
    FROM unnest($1::text[]) AS name
    JOIN pg_class ON pg_class.oid = format('%I.%I', '{OWN_SCHEMA}', name)::regclass
    LEFT JOIN {VIEW_REFRESH.sql_name} ON view_name = name
"""
SHOWN: Final = 20
"""The number of objects that are named to people."""


@frozen(kw_only=True)
class Freshness:
    """How fresh a materialized view is: not refreshed since its migration made it, where ``refreshed_at`` is None."""

    is_filled: bool
    refreshed_at: datetime | None
    age: timedelta | None

    def __str__(self) -> str:
        if not self.is_filled:
            return "never filled: it cannot be read before its first refresh"
        if self.refreshed_at is None or self.age is None:
            return "not refreshed since it was made"
        ago = timedelta(seconds=round(self.age.total_seconds()))
        return f"refreshed at {self.refreshed_at:%Y-%m-%d %H:%M:%S} UTC, {ago} ago"


@frozen(kw_only=True)
class Status:
    """The state of a database; with rows by table and views if the schema is up to date.

    Rows are counted exactly; None is a view that was never filled. ``shadows`` are objects beside our tables
    that PostgreSQL would call in place of its own, for roles with that schema in the search path. ``unreadable`` are
    the rows that no entity can hold, if they were asked for and the schema is up to date. ``unvalidated`` are the
    checks that rows from before may break.
    """

    server: dict[str, Any]
    model: Model
    migrations: list[MigrationStatus]
    shadows: list[Shadow]
    rows: dict[str, int | None] = field(factory=dict)
    views: dict[str, Freshness] = field(factory=dict)
    unreadable: UnreadableRows | None = None
    unvalidated: list[Violation] = field(factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """OK when up to date, FINDING when merely behind or with unreadable rows, SCHEMA_MISMATCH on contradictions."""
        states = {status.state for status in self.migrations}
        if states <= {MigrationState.APPLIED}:
            return ExitCode.FINDING if self.unreadable and self.unreadable.count else ExitCode.OK
        return (
            ExitCode.FINDING if states <= {MigrationState.APPLIED, MigrationState.PENDING} else ExitCode.SCHEMA_MISMATCH
        )


async def read_status(settings: Settings, model: Model, *, look_at_rows: bool = False) -> Status:
    """Look at a database, and at all its rows if asked; nothing is changed.

    Raises StorageUnavailable, SchemaMismatch for a server too old.
    """
    async with server_addresses(settings) as at:
        migrations = await Migrator(at.session_url, model=model, connect_timeout=settings.connect_timeout).status()
        async with connected(at.session_url, timeout=settings.connect_timeout, statement_cache_size=0) as connection:
            server = dict(await connection.fetchrow(_SERVER) or {})
            shadows = await find_shadows(connection, [OWN_SCHEMA])
            unvalidated = await unvalidated_checks(connection, (*model.tables, *model.own_tables))
            rows: dict[str, int | None] = {}
            readable: list[str] = []
            views: dict[str, Freshness] = {}
            if all(status.state is MigrationState.APPLIED for status in migrations):
                names = [view.name for view in model.views]
                found = await connection.fetch(_VIEWS, names) if names else []
                views = {
                    record["name"]: Freshness(is_filled=record[1], refreshed_at=record[2], age=record[3])
                    for record in found
                }
                rows = dict.fromkeys((table.name for table in model.entities), None)
                readable = [name for name in rows if name not in views or views[name].is_filled]
                counts = (f"SELECT '{name}', count(*) FROM {own_name(name)}" for name in readable)
                rows.update(map(tuple, await connection.fetch(" UNION ALL ".join(counts))))
        unreadable = (
            await find_unreadable(at, settings, model, [one for one in model.entities if one.name in readable])
            if look_at_rows and rows
            else None
        )
    return Status(
        server=server,
        model=model,
        migrations=migrations,
        shadows=shadows,
        rows=rows,
        views=views,
        unreadable=unreadable,
        unvalidated=unvalidated,
    )


def document(settings: Settings, status: Status) -> dict[str, Any]:
    """Return the status as JSON."""
    return {
        "database": settings.shown_database,
        "server": status.server,
        "pool": _pool_settings(settings),
        "migrations": [{"name": each.label, "state": each.state.value} for each in status.migrations],
        "shadows": [{"object": each.described, "of": each.of} for each in status.shadows],
        "up_to_date": all(each.state is MigrationState.APPLIED for each in status.migrations),
        "unvalidated": unvalidated_document(status.unvalidated),
        **unreadable_document(status.unreadable),
        "tables": {
            table.name: _describe_table(table, status) for table in status.model.entities if table.name in status.rows
        },
    }


def _describe_table(table: Declaration, status: Status) -> dict[str, Any]:
    described: dict[str, Any] = {
        "entity": table.label,
        "owner": table.owner.value,
        "kind": _kind(table),
        "rows": status.rows[table.name],
    }
    if view := status.views.get(table.name):
        described["refreshed_at"] = view.refreshed_at.isoformat() if view.refreshed_at else None
        described["age_seconds"] = view.age.total_seconds() if view.age is not None else None
    return described


def _kind(table: Declaration) -> str:
    if table.materialized:
        return "materialized view"
    return "table" if table.partitioned_by is None else "partitioned table"


def show(console: Console, settings: Settings, status: Status) -> None:
    """Write the status for people."""
    server = status.server
    shown = settings.shown_database
    if settings.kind == "embedded":
        shown = f"embedded server in {settings.embedded_folder or default_folder()}"
    console.print(f"[bold]{escape_text(shown)}[/]")
    console.print(
        f"PostgreSQL {server['version']}, {server['size']}, {server['connections']} of "
        f"{server['max_connections']} connections in use"
    )
    console.print("Pool: " + ", ".join(f"{name} {value}" for name, value in _pool_settings(settings).items()))
    console.print("Migrations:")
    colours = {MigrationState.APPLIED: "green", MigrationState.PENDING: "yellow"}
    for each in status.migrations:
        console.print(f"  {each.label}  [{colours.get(each.state, 'red')}]{each.state.value}[/]")
    show_unvalidated(console, status.unvalidated)
    for shadow in status.shadows[:SHOWN]:
        console.print(f"[red]{escape_text(str(shadow))}[/]")
    if len(status.shadows) > SHOWN:
        console.print(f"[red]and so are {len(status.shadows) - SHOWN} more: --json names all[/]")
    if status.rows:
        rows = Table("Entity", "Table", "Owner", "Kind", header_style="bold")
        rows.add_column("Rows", justify="right")
        for table in status.model.entities:
            count = status.rows[table.name]
            rows.add_row(
                table.label, table.name, table.owner.value, _kind(table), "none yet" if count is None else f"{count:,}"
            )
        console.print(rows)
        for name, view in status.views.items():
            console.print(f"{name}: {view}")
        if status.unreadable is not None:
            show_unreadable(console, status.unreadable)
    elif status.exit_code is ExitCode.FINDING:
        console.print("The database is behind: [bold]strongroom migrate[/] applies what is pending.")
    else:
        console.print("Files and database contradict each other: [bold]strongroom migrate[/] says how to go on.")


def _pool_settings(settings: Settings) -> dict[str, Any]:
    names = ("min_size", "max_size", "acquire_timeout", "statement_timeout", "idle_in_transaction_timeout", "pooler")
    return {name: getattr(settings, name) for name in names}
