"""``strongroom demo``: the sample platform, loaded, valued and shown."""

import shlex
import time

from attrs import frozen
from rich.console import Console

from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.demo.loading import load_sample
from strongroom.bootstrap.demo.reference_data import DAYS, END
from strongroom.bootstrap.demo.sample import FIRST_EMAIL, sample_platform
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.ports.results import BulkResult
from strongroom.ports.use_cases.portfolio_report import PortfolioReport, report_portfolio

from . import portfolio


@frozen(kw_only=True)
class DemoResult:
    """The result of the demo: rows, seconds to open (start, connect, migrate), load and value; and a user's report."""

    loaded: BulkResult
    opening: float
    loading: float
    valuing: float
    report: PortfolioReport


async def run_demo(settings: Settings) -> DemoResult:
    """Open the storage, load what is missing of the sample, and value the first user's portfolio."""
    started = time.perf_counter()
    async with open_with(settings) as storage:
        opened = time.perf_counter()
        loaded = await load_sample(storage)
        filled = time.perf_counter()
        user = await portfolio.find_user(storage, FIRST_EMAIL)
        report = await report_portfolio(storage, user.id, END, days=DAYS)
        valued = time.perf_counter()
    return DemoResult(
        loaded=loaded, opening=opened - started, loading=filled - opened, valuing=valued - filled, report=report
    )


def document(settings: Settings, result: DemoResult) -> dict[str, object]:
    """Return what was done as JSON."""
    return {
        "database": settings.shown_database,
        "rows": {"inserted": result.loaded.inserted, "unchanged": result.loaded.unchanged},
        "seconds": {
            "open": round(result.opening, 3),
            "load": round(result.loading, 3),
            "value": round(result.valuing, 3),
        },
        "portfolio": portfolio.document(result.report),
    }


def show(console: Console, settings: Settings, result: DemoResult, database: str) -> None:
    """Write what was done, the portfolio, and what to try next; ``database`` is as it was named, without password."""
    where = {
        "memory": "the twin, in memory",
        "embedded": f"PostgreSQL 16, embedded{f' in {settings.embedded_folder}' if settings.embedded_folder else ''}",
        "postgres": settings.shown_database,
    }[settings.kind]
    console.print(f"[bold]{escape_text(where)}[/]: opened and migrated in {result.opening:.1f} s")
    rows = f"{result.loaded.inserted:,} rows loaded in one transaction"
    if not result.loaded.inserted:
        rows = f"all {result.loaded.unchanged:,} rows were there, nothing changed"
    seconds = f"({result.loading:.2f} s); valued in {result.valuing * 1000:.0f} ms"
    console.print(f"Sample platform: {rows} {seconds}")
    console.print("[dim]Chains, coins and pools are real; users, flows and prices are invented.[/]")
    portfolio.show(console, result.report)
    console.print("\n[bold]Try next[/]")
    for command in _next_commands(settings, database):
        console.print(f"  {escape_text(command)}", soft_wrap=True)


def _next_commands(settings: Settings, database: str) -> tuple[str, ...]:
    """Return commands to go on with, which find what the demo left: the twin leaves nothing."""
    if settings.kind == "memory":
        return ("strongroom demo --database embedded:", "strongroom --help")
    option = f" --database {shlex.quote(database)}" if database else ""
    others = [user.email for user in sample_platform().users if user.email != FIRST_EMAIL]
    return (
        f"strongroom portfolio {others[0]} --at 2026-09-15{option}",
        f"strongroom portfolio {others[1]} --json{option}",
        f"strongroom status{option}",
        "strongroom import --help",
    )
