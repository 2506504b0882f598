"""``strongroom balances`` as typer knows it."""

from pathlib import Path
from typing import Annotated

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.options import Database, Debug, Json
from strongroom.bootstrap.cli.outcome import ExitCode, run, settings_for

balances = new_group("balances", "Compare balances with what is known from a chain.")


@command(balances, "assert")
def assert_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON Lines or CSV of known balances.")],
    *,
    chain: Annotated[int, typer.Option("--chain", metavar="ID", min=0, help="The chain that they are of.")] = 1,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Hold balances that are known from a chain against the sums of stored changes, and name what differs.

    Each row has an address and an amount in raw units; coin is a token's address, else the chain's own coin is meant;
    block_number is the block after which the address held it. The exit code is 1 where a balance differs.

    [bold]Examples[/]

      strongroom balances assert balances.csv --chain 1
    """
    settings = settings_for(database, as_json=json, debug=debug, min_size=1)
    from strongroom.bootstrap.cli.output import console, write_json

    from . import balances as work

    check = run(work.check_file(settings, file, chain), settings, as_json=json, debug=debug)
    if json:
        write_json(work.document(check))
    else:
        work.show(console(), check)
    raise typer.Exit(ExitCode.FINDING if check.differences else ExitCode.OK)
