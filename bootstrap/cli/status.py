"""``strongroom status``: the server, the pool's settings, the migrations, and how many rows there are."""

from typing import Any

from attrs import field, frozen
from rich.console import Console
from rich.table import Table

from strongroom.adapters.embedded import default_folder
from strongroom.adapters.mapping.registry import TABLES
from strongroom.adapters.postgres.connecting import connect
from strongroom.adapters.postgres.migrator import MigrationStatus, Migrator, State
from strongroom.bootstrap.opening import reachable
from strongroom.bootstrap.settings import Settings

from .outcome import ExitCode
from .output import plain

_SERVER = """
    SELECT current_setting('server_version') AS version,
           current_setting('max_connections')::int AS max_connections,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
           pg_size_pretty(pg_database_size(current_database())) AS size
"""


@frozen(kw_only=True)
class Status:
    """How a database stands; rows by table, counted, where the schema is up to date."""

    server: dict[str, Any]
    migrations: list[MigrationStatus]
    rows: dict[str, int] = field(factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """OK when up to date, FINDING when merely behind, SCHEMA_MISMATCH when files and database contradict."""
        states = {status.state for status in self.migrations}
        if states <= {State.APPLIED}:
            return ExitCode.OK
        return ExitCode.FINDING if states <= {State.APPLIED, State.PENDING} else ExitCode.SCHEMA_MISMATCH


async def inspect(settings: Settings) -> Status:
    """Look at a database; nothing is changed. Raises StorageUnavailable, SchemaMismatch for a server too old."""
    async with reachable(settings) as at:
        migrations = await Migrator(at.direct_url, connect_timeout=settings.connect_timeout).status()
        connection = await connect(at.direct_url, timeout=settings.connect_timeout, statement_cache_size=0)
        try:
            server = dict(await connection.fetchrow(_SERVER) or {})
            rows: dict[str, int] = {}
            if all(status.state is State.APPLIED for status in migrations):
                counts = (f"SELECT '{table.name}', count(*) FROM \"{table.name}\"" for table in TABLES)
                rows = {record[0]: record[1] for record in await connection.fetch(" UNION ALL ".join(counts))}
        finally:
            await connection.close(timeout=5)
    return Status(server=server, migrations=migrations, rows=rows)


def document(settings: Settings, status: Status) -> dict[str, Any]:
    """Return the status as JSON."""
    return {
        "database": settings.shown_database,
        "server": status.server,
        "pool": _pool(settings),
        "migrations": [{"name": each.label, "state": each.state.value} for each in status.migrations],
        "up_to_date": status.exit_code is ExitCode.OK,
        "tables": {
            table.name: {"entity": table.label, "owner": table.owner.value, "rows": status.rows[table.name]}
            for table in TABLES
            if table.name in status.rows
        },
    }


def show(console: Console, settings: Settings, status: Status) -> None:
    """Write the status for people."""
    server = status.server
    where = settings.embedded_folder or default_folder()
    embedded = settings.kind == "embedded"
    console.print(f"[bold]{plain(f'embedded server in {where}' if embedded else settings.shown_database)}[/]")
    console.print(
        f"PostgreSQL {server['version']}, {server['size']}, {server['connections']} of "
        f"{server['max_connections']} connections in use"
    )
    console.print("Pool: " + ", ".join(f"{name} {value}" for name, value in _pool(settings).items()))
    console.print("Migrations:")
    colours = {State.APPLIED: "green", State.PENDING: "yellow"}
    for each in status.migrations:
        console.print(f"  {each.label}  [{colours.get(each.state, 'red')}]{each.state.value}[/]")
    if status.exit_code is ExitCode.OK:
        rows = Table("Entity", "Table", "Owner", header_style="bold")
        rows.add_column("Rows", justify="right")
        for table in TABLES:
            rows.add_row(table.label, table.name, table.owner.value, f"{status.rows[table.name]:,}")
        console.print(rows)
    elif status.exit_code is ExitCode.FINDING:
        console.print("The database is behind: [bold]strongroom migrate[/] applies what is pending.")
    else:
        console.print("Files and database contradict each other: [bold]strongroom migrate[/] says how to go on.")


def _pool(settings: Settings) -> dict[str, Any]:
    names = ("min_size", "max_size", "acquire_timeout", "statement_timeout", "idle_in_transaction_timeout", "pooler")
    return {name: getattr(settings, name) for name in names}
