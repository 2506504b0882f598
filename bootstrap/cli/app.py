"""The commands as typer knows them: what each takes and teaches; the work is imported when a command runs."""

from typing import Annotated

import typer

from .command_group import command, new_group
from .model.commands import model as model_commands
from .models import ModelName, model_for
from .options import At, CostMethodName, Database, Debug, Json
from .outcome import ExitCode, exit_with_error, run, settings_for
from .schema.commands import schema
from .storage.balance_commands import balances
from .storage.export_command import export
from .storage.import_commands import imports

app = new_group(
    "strongroom",
    "The storage of a DeFi portfolio platform: try it, migrate it, fill it, ask it.\n\n"
    "Start with [bold]strongroom demo[/]: it needs no server, no container and no account.",
)

app.add_typer(imports)
app.add_typer(balances)
app.add_typer(schema)
app.add_typer(model_commands)
command(app, "export")(export)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer gives it so
    if asked:
        import strongroom

        typer.echo(f"strongroom {strongroom.__version__}")
        raise typer.Exit


@app.callback()
def _strongroom(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@command(app, "demo")
def demo(*, database: Database = None, json: Json = False, debug: Debug = False) -> None:
    """Load a sample platform, value it, and show what a user holds.

    Without a database of your own, PostgreSQL 16 starts in your data folder. Repeating it changes nothing.

    [bold]Examples[/]

      strongroom demo
      strongroom demo --database postgresql://me@localhost/strongroom
      strongroom demo --database memory: --json
    """
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from .output import console, write_json
    from .storage import demo as work

    shown = run(work.run_demo(settings), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(settings, shown))
    else:
        work.show(console(), settings, shown, "" if database is None else settings.shown_database)


@command(app, "migrate")
def migrate(  # noqa: PLR0913 - one parameter an option
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be applied.")] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Accept the present text of changed files as what was applied, and forget unfinished ones: "
            "for when the database already is what the files say.",
        ),
    ] = False,
    side: Annotated[
        str,
        typer.Option(
            "--side",
            metavar="SIDE",
            help="Whose migrations: both, backend, frontend, or an extension's by its name. Under the guard each "
            "side's role applies its own.",
        ),
    ] = "both",
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Apply pending migrations, the backend's, the frontend's and those of your own tables, in one order.

    Any number may run at once: each file is applied once, in a transaction of its own. The address is a direct
    one, or STRONGROOM_DIRECT_URL names it, where a pooler stands between.

    [bold]Examples[/]

      strongroom migrate --dry-run
      strongroom migrate --database postgresql://me@localhost/strongroom
      strongroom migrate --model alerts.tables:MODEL
      strongroom migrate --repair
    """
    settings = settings_for(database, as_json=json, debug=debug, migrates=side)
    _require_postgres(settings.kind, json=json)
    from .output import console, write_json
    from .storage import migrate as work

    if dry_run and repair:
        message = "--dry-run and --repair do not go together"
        raise typer.BadParameter(message)
    tables = model_for(model, as_json=json, debug=debug)
    if repair:
        done = run(work.repair_history(settings, tables), settings, as_json=json, debug=debug)
        if json:
            write_json({"repaired": done})
        else:
            console().print("\n".join(done) or "Nothing had to be repaired.")
        return
    report = run(work.run_migrations(settings, tables, dry_run=dry_run), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(report))
    else:
        work.show(console(), report)
    if dry_run and report.applied:
        raise typer.Exit(ExitCode.FINDING)


@command(app, "maintain")
def maintain(
    *,
    grace_days: Annotated[
        int, typer.Option("--grace", metavar="DAYS", min=0, help="How long a subscription lasts past its period.")
    ] = 3,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Do what is due from time to time: refresh daily prices, keep yesterday's portfolios, move subscriptions on.

    For a scheduler; doing it again changes nothing.

    [bold]Examples[/]

      strongroom maintain --database postgresql://me@localhost/strongroom
    """
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from .output import console, write_json
    from .storage import maintain as work

    done = run(work.run_maintenance(settings, grace_days=grace_days), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(done))
    else:
        work.show(console(), done)


@command(app, "status")
def status(
    *,
    rows: Annotated[
        bool, typer.Option("--rows", help="Look through all rows for values that no entity can hold, and list them.")
    ] = False,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show the server, the pool's settings, the migrations and the rows; change nothing.

    Exits with 1 when migrations are pending or rows cannot be read, with 4 when files and database contradict each
    other.

    [bold]Examples[/]

      strongroom status
      strongroom status --rows
      strongroom status --database postgresql://me@localhost/strongroom --json
    """
    settings = settings_for(database, as_json=json, debug=debug)
    _require_postgres(settings.kind, json=json)
    from .output import console, write_json
    from .storage import status as work

    tables = model_for(model, as_json=json, debug=debug)
    found = run(work.read_status(settings, tables, look_at_rows=rows), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(settings, found))
    else:
        work.show(console(), settings, found)
    raise typer.Exit(found.exit_code)


@command(app, "portfolio")
def portfolio(  # noqa: PLR0913 - one parameter an option
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's id, e-mail address, or a wallet's address.")],
    *,
    at: At = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back returns and plot go.")] = 90,
    cost_method: Annotated[CostMethodName, typer.Option(help="Whose cost leaves first with shares.")] = "average",
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Value a user's portfolio at a time: positions, cost, profit, returns, and the value day by day.

    A position is worth its newest valuation as of the time; a valuation older than two days is marked as stale.

    [bold]Examples[/]

      strongroom portfolio ada@example.com --at 2026-10-31
      strongroom portfolio ada@example.com --at 2026-09-15T12:00:00Z --days 30
      strongroom portfolio ada@example.com --cost-method fifo
      strongroom portfolio 0x82D5f93414E16e65115aB9BC1CB977e0FE83ecD0 --json
    """
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from .output import console, write_json
    from .storage import portfolio as work

    found = run(work.load_report(settings, user, at, days, cost_method), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(found))
    else:
        work.show(console(), found)


def _require_postgres(kind: str, *, json: bool) -> None:
    """End the process for the twin, which has neither server nor migrations."""
    if kind == "memory":
        from strongroom.bootstrap.settings import SettingInvalid

        reason = "the twin in memory has neither server nor migrations: name a PostgreSQL, or embedded:"
        exit_with_error(SettingInvalid("database", reason), as_json=json, debug=False)
