"""``strongroom model`` as typer knows it."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.models import ModelName, model_for
from strongroom.bootstrap.cli.options import Debug, Json
from strongroom.bootstrap.cli.schema.diff import render_differences
from strongroom.bootstrap.cli.schema.options import Rendering, ScratchUrl, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.comparison import Difference

model = new_group(
    "model",
    "Tables of your own beside the platform's: their first migration, and whether a database is as they say.\n\n"
    "[bold]Examples[/]\n\n"
    "  strongroom model sql --model alerts.tables:MODEL > alerts/migrations/0001_price_alert.sql\n\n"
    "  strongroom model check --model alerts.tables:MODEL",
)
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", help="An extension, if the model has several of yours, or a table.", show_default=False
    ),
]


@command(model, "sql")
def sql(
    name: Name = None,
    *,
    model: ModelName = None,
    debug: Debug = False,
) -> None:
    """Print the first migration of an extension, or of one table: types, keys, checks and indexes, with their names.

    The header names the migrations that the tables need of others. What comes later you write yourself, in files with
    the next numbers: "strongroom model check" prints what is missing.

    [bold]Examples[/]

      strongroom model sql --model alerts.tables:MODEL
    """
    tables = model_for(model, as_json=False, debug=debug)
    from strongroom.bootstrap.cli.outcome import exit_with_error
    from strongroom.ports.errors import ModelInvalid

    from .work import write_first_migration

    try:
        typer.echo(write_first_migration(tables, name), nl=False)
    except ModelInvalid as error:
        exit_with_error(error, as_json=False, debug=debug)


@command(model, "check")
def check(
    *,
    model: ModelName = None,
    scratch: ScratchUrl = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="The database to look at; else what the migrations make of an empty one.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say in what the migrations, or a database, differ from the declarations of your tables.

    Every column, default, key, check and index is compared, by name. Without --database the migrations are applied to a
    scratch database first. The exit code is 1 if something differs.

    [bold]Examples[/]

      strongroom model check --model alerts.tables:MODEL
      strongroom model check --model alerts.tables:MODEL --database postgresql://me@localhost/platform
    """
    tables = model_for(model, as_json=json, debug=debug)

    async def use_case(settings: "Settings") -> "list[Difference]":
        from .work import check_model

        return await check_model(tables, settings if database else None, scratch)

    def render(found: "list[Difference]") -> Rendering:
        from .work import own_names

        return render_differences(found, none=f"{own_names(tables)}: everything is as declared.")

    run_command(use_case, render, database, json=json, debug=debug)
