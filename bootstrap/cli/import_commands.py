"""The kinds of ``strongroom import`` as typer knows them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Database, Debug, Json, Paths
from .outcome import EXIT_CODES, run, settings_for

if TYPE_CHECKING:
    from .import_files import Job

imports = typer.Typer(
    name="import",
    help="Load what indexers exported: each kind of file has a command of its own.\n\n"
    "Files are streamed, a run is one transaction, and the same files twice change nothing. A bad line ends the run, "
    "named with file, line, field and reason, and nothing is kept; or it is left out, with --skip-bad.\n\n"
    "[bold]Examples[/]\n\n"
    "  strongroom import ethereum-etl export/\n\n"
    "  strongroom import prices prices.csv --help",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
)

SkipBad = Annotated[
    Path | None,
    typer.Option(
        "--skip-bad",
        metavar="FILE",
        help="Leave bad lines out and write them to this file, as JSON Lines; the exit code is 1 where there are any.",
        show_default=False,
    ),
]
ChainId = Annotated[int, typer.Option("--chain", metavar="ID", min=0, help="The id of the chain the files are of.")]


@imports.command("ethereum-etl", epilog=EXIT_CODES)
def ethereum_etl(  # noqa: PLR0913 - one parameter an option
    paths: Paths,
    *,
    chain: ChainId = 1,
    skip_bad: SkipBad = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Load an export of ethereum-etl: blocks, transactions, receipts, token transfers, logs and tokens.

    JSON Lines and CSV. They become block headers, coins, transactions, balance changes (both ends of every transfer,
    native value, gas) and swaps (Uniswap v2 and v3).

    [bold]Examples[/]

      strongroom import ethereum-etl export/
      strongroom import ethereum-etl blocks.csv transactions.csv --chain 137
      strongroom import ethereum-etl export/ --skip-bad rejects.jsonl --json
    """
    from strongroom.adapters.sources.imports import import_ethereum_etl

    _import(
        lambda storage, on_progress: import_ethereum_etl(
            storage, paths, chain_id=chain, rejects=skip_bad, on_progress=on_progress
        ),
        skip_bad,
        database,
        json=json,
        debug=debug,
    )


def _import(job: "Job", skip_bad: Path | None, database: str | None, *, json: bool, debug: bool) -> None:
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from . import import_files as command
    from .output import console, write_json

    report = run(command.run_import(settings, job, quiet=json), settings, as_json=json, debug=debug)
    if json:
        write_json(command.document(report))
    else:
        command.show(console(), report, None if skip_bad is None else str(skip_bad))
    raise typer.Exit(command.exit_code(report))
