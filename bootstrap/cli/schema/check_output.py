"""How the findings of ``strongroom schema`` are written: for people, for machines, and as GitHub's annotations."""

from typing import Any

from rich.console import Console

from strongroom.adapters.schema.check import CheckResult
from strongroom.bootstrap.cli.outcome import ExitCode
from strongroom.bootstrap.cli.output import escape_text
from strongroom.domain.schema.findings import Finding


def exit_code(checked: CheckResult) -> ExitCode:
    """Return 1 where something was found, and 2 where nothing was there to look at."""
    if not checked.object_count:
        return ExitCode.BAD_INPUT
    return ExitCode.FINDING if checked.findings else ExitCode.OK


def document(checked: CheckResult) -> dict[str, Any]:
    """Return a check as JSON."""
    return {
        "visited": checked.object_count,
        "findings": [_finding(finding) for finding in checked.findings],
        "accepted": [{**_finding(finding), "reason": reason} for finding, reason in checked.accepted],
        "warnings": list(checked.warnings),
        "not_checked": list(checked.not_checked),
    }


def show(console: Console, checked: CheckResult) -> None:
    """Write a check for people."""
    for finding in checked.findings:
        console.print(f"[red]{escape_text(finding.headline)}[/]", soft_wrap=True)
        for word, text in (("wrong", finding.wrong), ("breaks", finding.breaks), ("fix", finding.fix)):
            console.print(f"  {word + ':':<8}{escape_text(text)}", soft_wrap=True)
    for finding, reason in checked.accepted:
        console.print(f"[dim]accepted: {escape_text(finding.headline)}: {escape_text(reason)}[/]", soft_wrap=True)
    for warning in checked.warnings:
        console.print(f"[yellow]warning: {escape_text(warning)}[/]", soft_wrap=True)
    for text in checked.not_checked:
        console.print(f"[dim]not checked: {escape_text(text)}[/]", soft_wrap=True)
    if not checked.object_count:
        console.print("[red]Nothing was there to look at: is this the right database, and are the schemas right?[/]")
    else:
        count = len(checked.findings)
        said = f"{count} finding{'s' if count != 1 else ''}" if count else "No finding"
        console.print(f"{said}, {len(checked.accepted)} accepted; {checked.object_count} objects were looked at.")


def print_annotations(checked: CheckResult) -> None:
    """Write GitHub's annotations: an error for a finding, a warning for a warning."""
    for finding in checked.findings:
        body = f"{finding.headline}\nwrong: {finding.wrong}\nbreaks: {finding.breaks}\nfix: {finding.fix}"
        print(f"::error title={_escape_property(finding.rule + ' of ' + str(finding.target))}::{_escape_data(body)}")  # noqa: T201
    for warning in checked.warnings:
        print(f"::warning title=schema::{_escape_data(warning)}")  # noqa: T201
    if not checked.object_count:
        print("::error title=schema::Nothing was there to look at")  # noqa: T201


def _finding(finding: Finding) -> dict[str, Any]:
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
