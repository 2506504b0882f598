"""``strongroom schema`` as typer knows it: what each command takes and teaches."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.options import Database, Debug, Json

from .expand_contract import expand_contract
from .guard import guard
from .impact import impact
from .options import ContractOption, Job, ScratchUrl, run_and_print, run_or_exit
from .page.command import page

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings

schema = new_group(
    "schema",
    "One database, several migration systems: who owns what, what differs, and what to do about it.\n\n"
    "The contract, strongroom.toml, names the sides and what each of them owns; every command also works on a project "
    "of your own. The exit code is 0 where all is well, 1 where something was found, 2 where it could not run.\n\n"
    "[bold]Examples[/]\n\n"
    "  strongroom schema check --database postgresql://me@localhost/platform\n\n"
    "  strongroom schema replay\n\n"
    "  strongroom schema diff prisma/schema.prisma postgresql://me@localhost/platform",
)
prisma = new_group("prisma", "What the frontend's schema.prisma says of the others' tables.")
schema.add_typer(prisma)
schema.add_typer(guard)
schema.add_typer(expand_contract)
command(schema, "impact")(impact)
command(schema, "page")(page)

Form = Annotated[
    Literal["text", "github"], typer.Option("--format", help="How findings are written: github is annotations.")
]
Accept = Annotated[
    str | None,
    typer.Option(
        "--accept",
        metavar="REASON",
        help="Accept what is found, for this reason: it is kept in strongroom.baseline.json, and new findings fail.",
        show_default=False,
    ),
]


@command(schema, "check")
def check(  # noqa: PLR0913 - one parameter an option
    *,
    contract: ContractOption = Path(),
    accept: Accept = None,
    form: Form = "text",
    scratch: ScratchUrl = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Hold a database against what every side declares: entities, schema.prisma, and the contract's owners.

    It takes both migrators' locks while it looks. Each finding says who is wrong, what breaks, and what mends it.

    [bold]Examples[/]

      strongroom schema check --database postgresql://me@localhost/platform
      strongroom schema check --format github
      strongroom schema check --accept "the frontend drops it in May"
    """

    async def job(settings: "Settings") -> Any:
        from . import operations as work

        return await work.check_database(settings, contract, scratch, accept)

    _run_check(job, form, database, json=json, debug=debug)


@command(schema, "replay")
def replay(  # noqa: PLR0913 - one parameter an option
    *,
    contract: ContractOption = Path(),
    accept: Accept = None,
    form: Form = "text",
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Apply all histories from nothing to a scratch database, in their computed order, and check what they make.

    [bold]Examples[/]

      strongroom schema replay
      strongroom schema replay --scratch postgresql://me@localhost/postgres
    """

    async def job(_settings: "Settings") -> Any:
        from . import operations as work

        return await work.check_replayed(contract, scratch, accept)

    _run_check(job, form, None, json=json, debug=debug)


@command(schema, "diff")
def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="What is expected.")],
    other: Annotated[str, typer.Argument(metavar="B", help="What is found.")],
    *,
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say how two schemas differ: a database's address, a schema.prisma, a folder of migrations, or "entities".

    [bold]Examples[/]

      strongroom schema diff prisma/ postgresql://me@localhost/platform
      strongroom schema diff entities migrations/
    """

    async def job(_settings: "Settings") -> Any:
        from . import operations as work

        return await work.compare_schemas(one, other, scratch)

    run_and_print(job, None, json=json, debug=debug)


@command(schema, "fingerprint")
def fingerprint(
    *, contract: ContractOption = Path(), database: Database = None, json: Json = False, debug: Debug = False
) -> None:
    """Give a digest of what each side owns in a database: the same wherever the schema is the same.

    [bold]Examples[/]

      strongroom schema fingerprint --database postgresql://me@localhost/platform
    """

    async def job(settings: "Settings") -> Any:
        from . import operations as work

        return await work.database_fingerprints(settings, contract)

    run_and_print(job, database, json=json, debug=debug)


@command(prisma, "generate")
def generate(
    *,
    contract: ContractOption = Path(),
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; the exit code is 1 where something would change.")
    ] = False,
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the models of the others' tables into the frontend's schema.prisma, and its prisma.config.ts.

    The tables are those that the histories make. The frontend's own models stay as they are, but for the fields that
    relations need on their side.

    [bold]Examples[/]

      strongroom schema prisma generate
      strongroom schema prisma generate --check
    """

    async def job(_settings: "Settings") -> Any:
        from . import operations as work

        return await work.generate_prisma(contract, scratch, only_check=only_check)

    run_and_print(job, None, json=json, debug=debug)


def _run_check(job: Job, form: str, database: str | None, *, json: bool, debug: bool) -> None:
    checked = run_or_exit(job, database, json=json, debug=debug)
    from strongroom.bootstrap.cli.output import console, write_json

    from . import check_output as output

    if json:
        write_json(output.document(checked))
    elif form == "github":
        output.print_annotations(checked)
    else:
        output.show(console(), checked)
    raise typer.Exit(output.exit_code(checked))
