"""``strongroom schema check``: its options, its use case, and how a check is printed."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from strongroom.bootstrap.cli.models import ModelName, model_for
from strongroom.bootstrap.cli.options import Database, Debug, Json
from strongroom.bootstrap.cli.outcome import ExitCode
from strongroom.bootstrap.cli.safe_text import escape_unprintable

from .options import ContractOption, Rendering, ScratchUrl, run_command

if TYPE_CHECKING:
    from rich.text import Text

    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.check import CheckResult
    from strongroom.domain.schema.findings import Finding

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


def check(  # noqa: PLR0913 - one parameter an option
    *,
    contract: ContractOption = Path(),
    accept: Accept = None,
    form: Form = "text",
    scratch: ScratchUrl = None,
    model: ModelName = None,
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Hold a database against what every side declares: entities, schema.prisma, and the contract's owners.

    It takes both migrators' locks while it looks. Each finding says who is wrong, what breaks, and what fixes it.

    [bold]Examples[/]

      strongroom schema check --database postgresql://me@localhost/platform
      strongroom schema check --format github
      strongroom schema check --accept "the frontend drops it in May"
    """
    tables = model_for(model, as_json=json, debug=debug)

    async def use_case(settings: "Settings") -> "CheckResult":
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.ports.schema import check as checking

        from .database import configured_database

        project = open_project(contract)
        async with configured_database(settings) as found:
            with ScratchServer(scratch) as server:
                today = datetime.now(UTC).date()
                return await checking.check(coordinate(project, server, tables), found, today=today, accept=accept)

    run_command(use_case, renderer(form), database, json=json, debug=debug)


def renderer(form: str) -> Callable[["CheckResult"], Rendering]:
    """Return how a check is printed: as text for people, or as GitHub's annotations."""

    def render(checked: "CheckResult") -> Rendering:
        lines = _annotations(checked) if form == "github" else _lines(checked)
        return Rendering(lines, _document(checked), _exit_code(checked), raw=form == "github")

    return render


def _exit_code(checked: "CheckResult") -> ExitCode:
    """Return 1 if something was found, and 2 if there was nothing to look at."""
    if not checked.object_count:
        return ExitCode.BAD_INPUT
    return ExitCode.FINDING if checked.findings else ExitCode.OK


def _document(checked: "CheckResult") -> dict[str, Any]:
    return {
        "visited": checked.object_count,
        "findings": [_finding(finding) for finding in checked.findings],
        "accepted": [{**_finding(finding), "reason": reason} for finding, reason in checked.accepted],
        "warnings": list(checked.warnings),
        "not_checked": list(checked.not_checked),
    }


def _lines(checked: "CheckResult") -> "list[str | Text]":
    """Return a check for people."""
    from rich.text import Text

    def styled(text: str, style: str) -> Text:
        return Text(escape_unprintable(text), style=style)

    lines: list[str | Text] = []
    for finding in checked.findings:
        lines.append(styled(finding.headline, "red"))
        for word, text in (("wrong", finding.wrong), ("breaks", finding.breaks), ("fix", finding.fix)):
            lines.append(f"  {word + ':':<8}{text}")
    lines += [styled(f"accepted: {finding.headline}: {reason}", "dim") for finding, reason in checked.accepted]
    lines += [styled(f"warning: {warning}", "yellow") for warning in checked.warnings]
    lines += [styled(f"not checked: {text}", "dim") for text in checked.not_checked]
    if not checked.object_count:
        lines.append(
            styled("Nothing was there to look at: is this the right database, and are the schemas right?", "red")
        )
    else:
        count = len(checked.findings)
        said = f"{count} finding{'s' if count != 1 else ''}" if count else "No finding"
        lines.append(f"{said}, {len(checked.accepted)} accepted; {checked.object_count} objects were looked at.")
    return lines


def _annotations(checked: "CheckResult") -> list[str]:
    """Return GitHub's annotations: an error for a finding, a warning for a warning."""
    lines = []
    for finding in checked.findings:
        body = f"{finding.headline}\nwrong: {finding.wrong}\nbreaks: {finding.breaks}\nfix: {finding.fix}"
        title = _escape_property(f"{finding.rule} of {finding.target}")
        lines.append(f"::error title={title}::{_escape_data(body)}")
    lines += [f"::warning title=schema::{_escape_data(warning)}" for warning in checked.warnings]
    if not checked.object_count:
        lines.append("::error title=schema::Nothing was there to look at")
    return lines


def _finding(finding: "Finding") -> dict[str, Any]:
    return {
        "key": finding.key,
        "rule": finding.rule,
        "object": str(finding.target),
        "part": finding.part,
        "expected": finding.expected,
        "found": finding.found,
        "truth": finding.declared_schema,
        "owner": finding.owner,
        "wrong": finding.wrong,
        "breaks": finding.breaks,
        "fix": finding.fix,
        "statements": list(finding.statements),
    }


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
