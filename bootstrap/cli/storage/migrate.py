"""``strongroom migrate``: the migrations of both histories, applied, listed or repaired."""

from typing import Any

from rich.console import Console

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.postgres.migrator import MigrationReport, Migrator
from strongroom.bootstrap.opening import server_addresses, sides_of
from strongroom.bootstrap.settings import Settings


async def run_migrations(settings: Settings, model: Model, *, dry_run: bool) -> MigrationReport:
    """Apply what is pending, or only say what is."""
    async with server_addresses(settings) as server:
        migrator = Migrator(
            server.session_url, model=model, sides=sides_of(settings, model), connect_timeout=settings.connect_timeout
        )
        return await migrator.migrate(dry_run=dry_run)


async def repair_history(settings: Settings, model: Model) -> list[str]:
    """Make the history agree with the files, and say what was done."""
    async with server_addresses(settings) as server:
        migrator = Migrator(server.session_url, model=model, connect_timeout=settings.connect_timeout)
        return await migrator.repair()


def document(report: MigrationReport) -> dict[str, Any]:
    """Return a run as JSON."""
    return {
        "dry_run": report.dry_run,
        "already_applied": report.already_applied,
        ("pending" if report.dry_run else "applied"): [
            {"name": name} if report.dry_run else {"name": name, "milliseconds": milliseconds}
            for name, milliseconds in report.applied
        ],
    }


def show(console: Console, report: MigrationReport) -> None:
    """Write a run for people."""
    for name, milliseconds in report.applied:
        console.print(f"  {name}" if report.dry_run else f"  {name}  [dim]{milliseconds} ms[/]")
    if report.dry_run:
        console.print(f"{len(report.applied)} pending, {report.already_applied} applied; nothing was changed.")
    else:
        console.print(f"{len(report.applied)} applied now, {report.already_applied} before.")
