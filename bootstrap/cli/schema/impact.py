"""``strongroom schema impact``: its options, its use case, and how impacts are printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.bootstrap.cli.options import Database, Debug, Json

from .options import ContractOption, Rendering, ScratchUrl, found_or_ok, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.impact import StatementImpact


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

    async def use_case(settings: "Settings") -> "list[StatementImpact]":
        from strongroom.adapters.schema.applied import read_applied_schema, split_pending
        from strongroom.adapters.schema.postgres.ddl.safe_alternatives import safe_alternatives
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.bootstrap.opening import server_addresses
        from strongroom.ports.schema.impact import analyze_impact

        project = open_project(contract)
        live = None
        if not migrations:
            async with server_addresses(settings) as server:
                live = await read_applied_schema(
                    server.session_url, project.contract, connect_timeout=settings.connect_timeout
                )
        with ScratchServer(scratch) as scratch_server:
            world = coordinate(project, scratch_server)
            before, pending = split_pending(world.history.read_migrations(), migrations or [], live)
            return await analyze_impact(
                world.contract,
                before,
                pending,
                await world.declared.read_declarations(),
                scratch_server,
                alternatives=safe_alternatives,
                live=live.catalog if live else None,
            )

    run_command(use_case, _render, database, json=json, debug=debug)


def _render(found: "Sequence[StatementImpact]") -> Rendering:
    from strongroom.domain.schema.impact import Verdict

    lines = [line for one in found for line in _lines(one)] or ["Nothing is pending."]
    breaks = any(one.verdict is Verdict.NOW for one in found)
    return Rendering(lines, {"statements": [_document(one) for one in found]}, found_or_ok(breaks))


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
