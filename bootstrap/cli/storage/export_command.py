"""``strongroom export`` as typer knows it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from strongroom.bootstrap.cli.models import ModelName, model_for
from strongroom.bootstrap.cli.options import Database, Debug, Json
from strongroom.bootstrap.cli.outcome import run, settings_for


def export(  # noqa: PLR0913 - one parameter an option
    entity: Annotated[
        str | None,
        typer.Argument(
            metavar="[ENTITY]",
            help="The entity: its class, its table or its repository, such as Coin. Without one, all, to a folder.",
            show_default=False,
        ),
    ] = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="PATH", help="The file (else the output) or, for all, the folder.", show_default=False
        ),
    ] = None,
    how: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="JSON Lines or CSV.")] = "jsonl",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the file, or the export that is in the folder.")
    ] = False,
    safe_csv: Annotated[
        bool,
        typer.Option(
            "--safe-csv",
            help="Put an apostrophe before what a spreadsheet would execute: cells that begin with = + - @. "
            "Import such a file with --safe-csv, too.",
        ),
    ] = False,
    skip_bad: Annotated[
        Path | None,
        typer.Option(
            "--skip-bad",
            metavar="FILE",
            help="Leave out rows that cannot be read, since another program stored what an entity cannot hold, and "
            "write them to this file, as JSON Lines; the exit code is 1 if there are any.",
            show_default=False,
        ),
    ] = None,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write entities as JSON Lines or CSV, exactly, from one snapshot: strongroom import reads them back.

    All entities go to a folder, a file each and a manifest; it appears when everything is written. Only you may read
    what is written to files. CSV holds texts as they are, also those that a spreadsheet takes for formulas: use
    --safe-csv for files that somebody opens in one.

    [bold]Examples[/]

      strongroom export --to backup/
      strongroom export Coin > coins.jsonl
      strongroom export prices --format csv --to prices.csv
      strongroom export User --format csv --safe-csv --to users.csv
      strongroom export --to backup/ --skip-bad bad-rows.jsonl
    """
    if entity is None and to is None:
        message = "name an entity, or the folder that all are written to: --to FOLDER"
        raise typer.BadParameter(message)
    if json and entity is not None and to is None:
        message = "the output is the entities themselves: name a file, --to FILE, to be told of it as JSON"
        raise typer.BadParameter(message)
    if safe_csv and how != "csv":
        message = "JSON Lines are no spreadsheet: add --format csv, or leave --safe-csv out"
        raise typer.BadParameter(message)
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from strongroom.adapters.sources import Format
    from strongroom.bootstrap.cli.output import console, write_json

    from . import export_files as work

    tables = model_for(model, as_json=json, debug=debug)
    if entity is None and to is not None:
        job = work.export_folder(
            settings, tables, to, Format(how), replace=replace, safe_csv=safe_csv, skip_bad=skip_bad
        )
    else:
        job = work.export_one(
            settings, tables, str(entity), to, Format(how), replace=replace, safe_csv=safe_csv, skip_bad=skip_bad
        )
    done = run(job, settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(done))
    elif to is not None:
        work.show(console(), done, to)
    if done.left_out:
        said = f"{done.left_out:,} rows that cannot be read were left out: {skip_bad} names each, and why"
        typer.echo(said, err=True)
    raise typer.Exit(done.exit_code)
