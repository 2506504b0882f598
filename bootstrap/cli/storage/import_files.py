"""``strongroom import``: what indexers exported, read, written and counted."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Table

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.sources import (
    KNOWN_CHAINS,
    POLYGON_USDC_WETH,
    ImportReport,
    MinutePool,
    OnProgress,
    Progress,
    TokenFact,
)
from strongroom.bootstrap.cli.outcome import ExitCode
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.domain.values.address import parse_evm_address
from strongroom.ports.storage import Storage

Job = Callable[[Storage, OnProgress], Awaitable[ImportReport]]


async def run_import(settings: Settings, job: Job, model: Model | None = None, *, quiet: bool) -> ImportReport:
    """Open the storage and do an import; progress is shown on the error stream, where that is a terminal."""
    async with open_with(settings, model=model) as storage:
        console = Console(stderr=True)
        if quiet or not console.is_terminal:
            return await job(storage, _ignore_progress)
        with _progress_bars(console) as bars:
            return await job(storage, _update_bars(bars))


def exit_code(report: ImportReport) -> ExitCode:
    """Return FINDING if lines were left out."""
    return ExitCode.FINDING if report.rejected else ExitCode.OK


def document(report: ImportReport) -> dict[str, Any]:
    """Return what an import did as JSON."""
    return {
        "inserted": report.total.inserted,
        "updated": report.total.updated,
        "unchanged": report.total.unchanged,
        "rejected": report.rejected,
        "entities": {
            name: {"inserted": rows.inserted, "updated": rows.updated, "unchanged": rows.unchanged}
            for name, rows in report.entities.items()
        },
        "notes": list(report.notes),
    }


def show(console: Console, report: ImportReport, rejects: str | None) -> None:
    """Write what an import did for people."""
    table = Table(show_footer=True, header_style="bold")
    table.add_column("Entity", footer="Total")
    total = report.total
    for heading, number in (("Inserted", total.inserted), ("Updated", total.updated), ("Unchanged", total.unchanged)):
        table.add_column(heading, footer=f"{number:,}", justify="right")
    for name, rows in report.entities.items():
        table.add_row(name, f"{rows.inserted:,}", f"{rows.updated:,}", f"{rows.unchanged:,}")
    console.print(table)
    for note in report.notes:
        console.print(f"  {escape_text(note)}")
    if report.rejected:
        console.print(
            f"[yellow]{report.rejected:,} bad lines were left out[/]: {escape_text(rejects or '')} names each, and why"
        )
    if not total.inserted and not total.updated:
        console.print("Everything was there already: nothing was changed.")


def _progress_bars(console: Console) -> Bars:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=console, transient=True, disable=sys.stderr is None)


def _ignore_progress(_progress: Progress) -> None:
    pass


def _update_bars(bars: Bars) -> OnProgress:
    tasks: dict[str, Any] = {}

    def on_progress(progress: Progress) -> None:
        if progress.file not in tasks:
            tasks[progress.file] = bars.add_task(escape_text(progress.file), total=progress.total_bytes)
        bars.update(tasks[progress.file], completed=progress.done_bytes, total=progress.total_bytes)

    return on_progress


def parse_pool(chain_id: int, token0: str | None, token1: str | None, quote: int) -> MinutePool:
    """Return the pool of two tokens; without tokens USDC/WETH on Polygon. Raises BadParameter."""
    if token0 is None and token1 is None:
        if chain_id != POLYGON_USDC_WETH.chain.chain.id or quote != 0:
            message = "give --token0 and --token1, too: without them the pool is USDC/WETH on Polygon"
            raise typer.BadParameter(message)
        return POLYGON_USDC_WETH
    if token0 is None or token1 is None:
        message = "give both --token0 and --token1, or neither"
        raise typer.BadParameter(message)
    if chain_id not in KNOWN_CHAINS:
        message = f"chain {chain_id} is none of {', '.join(map(str, KNOWN_CHAINS))}"
        raise typer.BadParameter(message)
    return MinutePool(
        chain=KNOWN_CHAINS[chain_id], token0=_token(token0), token1=_token(token1), quote_is_token1=quote == 1
    )


def _token(text: str) -> TokenFact:
    address, symbol, decimals = [*text.split(":"), "", ""][:3]
    if not symbol or not decimals.isascii() or not decimals.isdigit() or len(decimals) > 3 or int(decimals) > 255:
        message = f"{text[:100]!r} is not ADDRESS:SYMBOL:DECIMALS"
        raise typer.BadParameter(message)
    try:
        return TokenFact(address=parse_evm_address(address), symbol=symbol, name=symbol, decimals=int(decimals))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
