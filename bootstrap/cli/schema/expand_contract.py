"""``strongroom schema expand-contract``: its options, its use case, and how a plan is printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.options import Debug, Json

from .options import ContractOption, Rendering, ScratchUrl, run_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from strongroom.adapters.postgres.migrator.files import Migration
    from strongroom.adapters.schema.project import Project
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.column_change import ColumnChange
    from strongroom.ports.schema.expand_contract import PlannedChange

expand_contract = new_group(
    "expand-contract",
    "Change a column without breaking anybody: in steps, with a period in which the old form and the new both work.\n\n"
    "--phase expand, the default, writes the migrations that begin the period, into the history of the side that owns "
    "the table. When nobody declares the old form any more, --phase contract writes the one that ends it; it refuses "
    "as long as somebody does. Both are tried in a scratch database first, and have to leave exactly what the change "
    "made at once would leave.",
)

Column = Annotated[str, typer.Argument(metavar="[SCHEMA.]TABLE.COLUMN", help="The column as the database names it.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="The new column's name.")]
PhaseOption = Annotated[
    Literal["expand", "contract"], typer.Option("--phase", help="Whether to begin the period or to end it.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the migrations, and write nothing.")]
FILL_HELP = "SQL for the value that stands in, as in \"''\" or 0."


@command(expand_contract, "rename")
def rename(  # noqa: PLR0913 - one parameter an option
    column: Column,
    new: New,
    *,
    phase: PhaseOption = "expand",
    dry_run: DryRun = False,
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Rename a column: both names can be read and written until everybody has moved.

    [bold]Examples[/]

      strongroom schema expand-contract rename coin.symbol ticker
      strongroom schema expand-contract rename coin.symbol ticker --phase contract
    """

    def change() -> "ColumnChange":
        from strongroom.domain.schema.column_change import RenameOrRetype

        return RenameOrRetype(**_parse_column(column), new=new)

    _run_change(change, phase, contract, scratch, dry_run=dry_run, json=json, debug=debug)


@command(expand_contract, "type")
def retype(  # noqa: PLR0913 - one parameter an option
    column: Column,
    new: New,
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The new column's type.")],
    *,
    forth: Annotated[
        str | None,
        typer.Option("--forth", metavar="SQL", help="Makes the new value of the old, {}; a cast.", show_default=False),
    ] = None,
    back: Annotated[
        str | None,
        typer.Option("--back", metavar="SQL", help="Makes the old value of the new, {}; a cast.", show_default=False),
    ] = None,
    phase: PhaseOption = "expand",
    dry_run: DryRun = False,
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Give a column another type: as a column of its own, kept in sync with the old one until everybody has moved.

    [bold]Examples[/]

      strongroom schema expand-contract type coin.decimals places bigint
      strongroom schema expand-contract type chats.title title_folded text --forth "lower({})" --back "{}"
    """

    def change() -> "ColumnChange":
        from strongroom.domain.schema.column_change import RenameOrRetype

        return RenameOrRetype(**_parse_column(column), new=new, type=kind, forward_sql=forth, backward_sql=back)

    _run_change(change, phase, contract, scratch, dry_run=dry_run, json=json, debug=debug)


@command(expand_contract, "drop")
def drop(  # noqa: PLR0913 - one parameter an option
    column: Column,
    *,
    fill: Annotated[str | None, typer.Option("--fill", metavar="SQL", help=FILL_HELP, show_default=False)] = None,
    phase: PhaseOption = "expand",
    dry_run: DryRun = False,
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Drop a column: rows can be written without it first; it goes when nobody declares it.

    [bold]Examples[/]

      strongroom schema expand-contract drop coin.symbol --fill "''"
      strongroom schema expand-contract drop coin.symbol --phase contract
    """

    def change() -> "ColumnChange":
        from strongroom.domain.schema.column_change import DropColumn

        return DropColumn(**_parse_column(column), fill=fill)

    _run_change(change, phase, contract, scratch, dry_run=dry_run, json=json, debug=debug)


@command(expand_contract, "not-null")
def not_null(  # noqa: PLR0913 - one parameter an option
    column: Column,
    *,
    fill: Annotated[str, typer.Option("--fill", metavar="SQL", help=FILL_HELP)],
    phase: PhaseOption = "expand",
    dry_run: DryRun = False,
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Have a column refuse null: whoever writes one gets the fill instead, until everybody declares it so.

    [bold]Examples[/]

      strongroom schema expand-contract not-null coin.name --fill "''"
      strongroom schema expand-contract not-null coin.name --fill "''" --phase contract
    """

    def change() -> "ColumnChange":
        from strongroom.domain.schema.column_change import SetNotNull

        return SetNotNull(**_parse_column(column), fill=fill)

    _run_change(change, phase, contract, scratch, dry_run=dry_run, json=json, debug=debug)


def _parse_column(column: str) -> dict[str, str]:
    """Return the parts of a column's name. Raises ColumnChangeRefused."""
    from strongroom.domain.schema.column_change import ColumnChangeRefused

    parts = column.split(".")
    if len(parts) not in (2, 3) or not all(parts):
        message = f"{column!r} names no column: table.column is expected, or schema.table.column"
        raise ColumnChangeRefused(message)
    return dict(zip(("schema", "table", "column"), parts if len(parts) == 3 else ["public", *parts], strict=True))


def _run_change(  # noqa: PLR0913 - one parameter an option
    make: "Callable[[], ColumnChange]",
    phase: str,
    place: Path,
    scratch_url: str | None,
    *,
    dry_run: bool,
    json: bool,
    debug: bool,
) -> None:
    async def use_case(_settings: "Settings") -> "tuple[Project, PlannedChange[Migration]]":
        from datetime import UTC, datetime

        from strongroom.adapters.schema.contract_file.open_changes import record_change
        from strongroom.adapters.schema.new_migrations import FolderMigrations, write_migrations
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.domain.schema.column_change import Phase
        from strongroom.ports.schema.expand_contract import plan_change

        project, now = open_project(place), datetime.now(UTC)
        migrations = FolderMigrations(project.folder, now)
        with ScratchServer(scratch_url) as scratch:
            plan = await plan_change(coordinate(project, scratch), make(), Phase(phase), migrations, now)
        if not dry_run:
            write_migrations(plan.files)
            record_change(project.file, plan)
        return project, plan

    run_command(use_case, lambda made: _render(*made, dry_run=dry_run), None, json=json, debug=debug)


def _render(project: "Project", plan: "PlannedChange[Migration]", *, dry_run: bool) -> Rendering:
    from strongroom.domain.schema.column_change import Phase

    folder = project.folder
    begins = plan.phase is Phase.EXPAND
    names = [
        str(one.path.relative_to(folder)) if one.path.is_relative_to(folder) else str(one.path) for one in plan.files
    ]
    lines: list[str] = []
    for name, one in zip(names, plan.files, strict=True):
        lines += [f"-- {name}", *one.migration.sql.rstrip("\n").splitlines(), ""] if dry_run else [f"wrote {name}"]
    if not plan.files:
        lines.append(f"{plan.change}: nothing has to change before readers and writers leave it")
    lines.append(f"{project.file.name} {'tells of the change' if begins else 'no longer tells of it'}:")
    lines += [f"  {line}" for line in plan.contract.splitlines()]
    lines += [f"then: {text}" for text in plan.afterwards]
    document: dict[str, Any] = {
        "column": str(plan.change),
        "phase": plan.phase.value,
        "side": plan.side,
        "migrations": [
            {"file": name, "in_transaction": one.migration.in_transaction, "sql": one.migration.sql}
            for name, one in zip(names, plan.files, strict=True)
        ],
        "contract": plan.contract,
        "afterwards": list(plan.afterwards),
        "written": not dry_run,
    }
    return Rendering(lines, document)
