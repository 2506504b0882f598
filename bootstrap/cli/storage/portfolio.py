"""``strongroom portfolio``: what a user holds, what it did, and how that is written."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from attrs import evolve
from rich.console import Console
from rich.table import Table

from strongroom.bootstrap.cli.options import CostMethodName
from strongroom.bootstrap.cli.output import as_exact, as_gain, as_iso8601, as_percent, as_usd, escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.domain.accounts.user import User
from strongroom.domain.positions.lots import CostMethod
from strongroom.domain.positions.portfolio import PortfolioPosition
from strongroom.domain.values.address import Address, family_of, parse_address
from strongroom.ports.errors import InvalidValue, NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.portfolio_report import PortfolioReport, report_portfolio

from .plot import ASCII_BLOCKS, BLOCKS, add_labels, plot

PLOT_HEIGHT: Final = 7
MAX_AGE: Final = timedelta(days=2)
"""Figures that are older when a portfolio is valued are marked as stale."""
OPTIONAL_COLUMNS: Final = ("Part", "Protocol", "Realised", "Unrealised", "Cost")
"""The columns that a narrow terminal does without, in this order."""


async def load_report(
    settings: Settings, who: str, at: datetime | None, days: int, cost_method: CostMethodName = "average"
) -> PortfolioReport:
    """Return the report of a user, named by id, e-mail or wallet address. Raises NotFound.

    Reading does not migrate a database of one's own: a database that is behind raises SchemaBehind.
    """
    method = CostMethod(cost_method)
    async with open_with(evolve(settings, apply_migrations=settings.kind == "embedded")) as storage:
        user = await find_user(storage, who)
        return await report_portfolio(storage, user.id, at, days=days, max_age=MAX_AGE, cost_method=method)


async def find_user(storage: Storage, who: str) -> User:
    """Return the user with an id, an e-mail address or a wallet. Raises NotFound, InvalidValue for none of these."""
    try:
        return await storage.users.get(UUID(who))
    except ValueError:
        pass
    if "@" in who:
        user = await storage.users.find_by_email(who)
    else:
        try:
            address = parse_address(family_of(who), who)
        except ValueError:
            reason = f"{who!r} is neither an id, nor an e-mail address, nor a wallet's address"
            raise InvalidValue("User", reason=reason) from None
        wallet = await storage.wallets.find_by_address(family_of(who), address)
        user = await storage.users.get(wallet.user_id) if wallet else None
    if user is None:
        raise NotFound("User", who)
    return user


def document(report: PortfolioReport) -> dict[str, Any]:
    """Return the report as JSON: money and rates as text with all their digits."""
    portfolio = report.portfolio
    return {
        "user": {
            "id": str(report.user.id),
            "email": report.user.email,
            "display_name": report.user.display_name,
        },
        "at": as_iso8601(portfolio.at),
        "value_usd": as_exact(portfolio.value_usd),
        "cost_basis_usd": as_exact(portfolio.cost_basis_usd),
        "realised_pnl_usd": as_exact(portfolio.realised_pnl_usd),
        "unrealised_pnl_usd": as_exact(portfolio.unrealised_pnl_usd),
        "total_pnl_usd": as_exact(portfolio.total_pnl_usd),
        "since": as_iso8601(report.start),
        "time_weighted_return": as_exact(report.time_weighted),
        "money_weighted_return": as_exact(report.money_weighted),
        "money_weighted_note": report.money_weighted_note,
        "is_stale": portfolio.is_stale,
        "positions": [
            {
                "id": str(held.position.id),
                "protocol": report.protocols[held.protocol_id].name,
                "pool": report.pools[held.position.pool_id].name,
                "pool_address": _display(report.pools[held.position.pool_id].address),
                "status": held.position.status.value,
                "shares": str(held.position.shares),
                "value_usd": as_exact(held.value_usd),
                "cost_basis_usd": as_exact(held.cost_basis_usd),
                "realised_pnl_usd": as_exact(held.realised_pnl_usd),
                "unrealised_pnl_usd": as_exact(held.unrealised_pnl_usd),
                "share_of_total": as_exact(held.share_of_total),
                "basis": held.basis.value,
                "valued_at": as_iso8601(held.valued_at),
                "is_stale": held.is_stale,
            }
            for held in portfolio.positions
        ],
        "history": [{"at": as_iso8601(point.at), "value_usd": as_exact(point.value_usd)} for point in report.history],
    }


def _display(address: str) -> str:
    return Address(family_of(address), address).display


def show(console: Console, report: PortfolioReport) -> None:
    """Write the report for people."""
    portfolio = report.portfolio
    name = report.user.display_name or report.user.email or str(report.user.id)
    console.print(f"\n[bold]{escape_text(name)}[/] on {portfolio.at:%Y-%m-%d %H:%M} UTC")
    if not portfolio.positions:
        console.print("holds nothing, and never did.")
        return
    console.print(_table_that_fits(console, report))
    days = (portfolio.at - report.start).days
    note = f"; {report.money_weighted_note}" if report.money_weighted_note else ""
    console.print(
        f"Profit {as_gain(portfolio.total_pnl_usd)}, of which realised {as_gain(portfolio.realised_pnl_usd)}. "
        f"Over {days} {'day' if days == 1 else 'days'}: time-weighted {as_percent(report.time_weighted, signed=True)}, "
        f"money-weighted {as_percent(report.money_weighted, signed=True)} a year (XIRR{note}).\n"
    )
    values = [point.value_usd for point in report.history]
    is_unicode = console.encoding.startswith("utf")
    width = max(1, min(len(values), console.width - 16))
    rows = plot(values, width=width, height=PLOT_HEIGHT, blocks=BLOCKS if is_unicode else ASCII_BLOCKS)
    if rows:
        held = [value for value in values if value]
        colour = "green" if portfolio.total_pnl_usd >= 0 else "red"
        console.print(
            add_labels(
                rows, high=as_usd(max(held)), low=as_usd(min(held)), colour=colour, axis="┤" if is_unicode else "|"
            ),
            end="",
        )
        console.print(f"[dim]value from {report.start:%Y-%m-%d} to {portfolio.at:%Y-%m-%d}[/]")


def _table_that_fits(console: Console, report: PortfolioReport) -> Table:
    """Return the table with as many columns as the console has room for: an amount is never cut."""
    unlimited = console.options.update(width=1000)
    tables = [_table(report, OPTIONAL_COLUMNS[:omitted]) for omitted in range(len(OPTIONAL_COLUMNS) + 1)]
    fitting = (table for table in tables if console.measure(table, options=unlimited).maximum <= console.width)
    return next(fitting, tables[-1])


def _table(report: PortfolioReport, omitted: Sequence[str]) -> Table:
    portfolio = report.portfolio
    columns: tuple[tuple[str, str, Callable[[PortfolioPosition], str]], ...] = (
        ("Protocol", "", lambda held: escape_text(report.protocols[held.protocol_id].name)),
        ("Pool", "Total", lambda held: escape_text(report.pools[held.position.pool_id].name) + _staleness_mark(held)),
        ("Value", as_usd(portfolio.value_usd), lambda held: as_usd(held.value_usd)),
        ("Cost", as_usd(portfolio.cost_basis_usd), lambda held: as_usd(held.cost_basis_usd)),
        ("Unrealised", as_gain(portfolio.unrealised_pnl_usd), lambda held: as_gain(held.unrealised_pnl_usd)),
        ("Realised", as_gain(portfolio.realised_pnl_usd), lambda held: as_gain(held.realised_pnl_usd)),
        ("Part", "", lambda held: as_percent(held.share_of_total)),
    )
    shown = [column for column in columns if column[0] not in omitted]
    table = Table(show_footer=True, show_edge=False, header_style="bold")
    for heading, footer, _ in shown:
        words = heading in ("Protocol", "Pool")
        table.add_column(heading, footer=footer, justify="left" if words else "right", no_wrap=not words)
    for held in portfolio.positions:
        table.add_row(*(cell(held) for *_, cell in shown), style=None if held.position.shares else "dim")
    return table


def _staleness_mark(position: PortfolioPosition) -> str:
    if not position.position.shares:
        return " (closed)"
    return " (stale)" if position.is_stale else ""
