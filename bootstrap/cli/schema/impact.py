"""``strongroom schema impact`` as typer knows it, and its work."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.bootstrap.cli.options import Database, Debug, Json

from .options import ContractOption, ScratchUrl, run_and_print

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.impact import StatementImpact

    from .operations import CommandResult


def impact(  # noqa: PLR0913 - one parameter an option
    migrations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MIGRATION]...",
            help="Names such as pg/0014 or prisma/20260203000000_chat; without one, what the database has not applied.",
            show_default=False,
        ),
    ] = None,
    *,
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say what migrations will do: what each statement changes, whom that breaks and when, what it locks, a safe way.

    It is seen by applying them to a scratch database, not guessed from their text. What breaks a reader exits with 1.

    [bold]Examples[/]

      strongroom schema impact --database postgresql://me@localhost/platform
      strongroom schema impact pg/0014
    """

    async def job(settings: "Settings") -> "CommandResult":
        return await _run_impact(settings, contract, scratch, migrations or [])

    run_and_print(job, database, json=json, debug=debug)


async def _run_impact(settings: "Settings", place: Path, scratch_url: str | None, names: list[str]) -> "CommandResult":
    from strongroom.adapters.schema.check import read_declarations
    from strongroom.adapters.schema.impact import analyze_impact
    from strongroom.adapters.schema.project import open_project
    from strongroom.adapters.schema.sources import ScratchServer, read_migrations
    from strongroom.domain.schema.impact import Verdict

    from .operations import CommandResult
    from .pending import read_applied_schema, split_pending

    project = open_project(place)
    ordered = read_migrations(project.contract, project.folder)
    live = None if names else await read_applied_schema(settings, project.contract)
    before, pending = split_pending(ordered, names, live)
    with ScratchServer(scratch_url) as scratch:
        declared = await read_declarations(project.contract, project.folder, scratch)
        found = await analyze_impact(
            project.contract, before, pending, declared, scratch, live=live.catalog if live else None
        )
    lines = [line for one in found for line in _lines(one)] or ["Nothing is pending."]
    worst = max((one.verdict for one in found), default=Verdict.NEVER)
    return CommandResult(tuple(lines), {"statements": [_document(one) for one in found]}, found=worst is Verdict.NOW)


def _lines(one: "StatementImpact") -> list[str]:
    lines = [f"{one.migration}, line {one.line}: {one.statement}"]
    lines += [f"  changes  {change}" for change in one.changes]
    for reader in one.readers:
        lines.append(
            f"  breaks {reader.verdict.name.lower():<5} {reader.side} ({reader.declared_schema}): {reader.why}"
        )
    for lock in one.locks:
        anew = ", and writes it anew" if lock.rewrites else ""
        rows = f"{lock.estimated_rows:,} rows, {lock.size_bytes / 2**20:,.0f} MiB"
        lines.append(f"  locks    {lock.target} ({rows}) in {lock.mode}{anew}: blocks {lock.blocks}")
    lines += [f"  safe way {way}" for way in one.advice]
    return lines


def _document(one: "StatementImpact") -> dict[str, Any]:
    return {
        "migration": one.migration,
        "line": one.line,
        "statement": one.statement,
        "verdict": one.verdict.name.lower(),
        "changes": list(one.changes),
        "readers": [
            {
                "side": reader.side,
                "truth": reader.declared_schema,
                "breaks": reader.verdict.name.lower(),
                "why": reader.why,
            }
            for reader in one.readers
        ],
        "locks": [
            {
                "object": str(lock.target),
                "mode": lock.mode,
                "blocks": lock.blocks,
                "rewrites": lock.rewrites,
                "estimated_rows": lock.estimated_rows,
                "size_bytes": lock.size_bytes,
            }
            for lock in one.locks
        ],
        "advice": list(one.advice),
    }
