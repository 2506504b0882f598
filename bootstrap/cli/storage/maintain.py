"""``strongroom maintain``: the work that is due from time to time, in one command for a scheduler."""

from datetime import timedelta
from typing import Any

from attrs import frozen
from rich.console import Console

from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.ports.use_cases.advance_subscriptions import advance_subscriptions
from strongroom.ports.use_cases.take_portfolio_snapshots import SnapshotResult, take_portfolio_snapshots


@frozen
class MaintenanceResult:
    """The result of maintenance: snapshots of yesterday, and advanced subscriptions by their new state."""

    snapshots: SnapshotResult
    subscriptions: dict[str, int]


async def run_maintenance(settings: Settings, *, grace_days: int) -> MaintenanceResult:
    """Refresh the daily prices, take yesterday's portfolios, and move subscriptions on whose period has ended."""
    async with open_with(settings) as storage:
        await storage.token_daily_values.refresh()
        snapshots = await take_portfolio_snapshots(storage)
        moved = await advance_subscriptions(storage, grace=timedelta(days=grace_days))
    return MaintenanceResult(snapshots, {status.value: count for status, count in moved.items()})


def document(done: MaintenanceResult) -> dict[str, Any]:
    """Return what was done as JSON."""
    return {
        "refreshed": ["token_daily_values_mv"],
        "snapshots": {
            "day": done.snapshots.day.isoformat(),
            "taken": done.snapshots.taken,
            "failed": {str(user): str(reason) for user, reason in done.snapshots.failed.items()},
        },
        "subscriptions": done.subscriptions,
    }


def show(console: Console, done: MaintenanceResult) -> None:
    """Write what was done for people."""
    console.print("Daily prices refreshed.")
    console.print(f"{done.snapshots.taken} portfolios kept as they were at the end of {done.snapshots.day}.")
    for user, reason in done.snapshots.failed.items():
        console.print(f"[yellow]  not that of {user}: {escape_text(str(reason))}[/]", soft_wrap=True)
    for status, count in done.subscriptions.items():
        console.print(f"{count} subscriptions are now {status}.")
