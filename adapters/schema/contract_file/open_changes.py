"""Write column changes in progress to the contract file: add an entry when a change begins, remove it when it ends."""

import tomllib
from io import StringIO
from pathlib import Path
from typing import Any, Final

from strongroom.domain.schema.column_change import Phase, Target
from strongroom.ports.schema.expand_contract import PlannedChange

_CHANGES: Final = "[[changes]]"


def record_change(file: Path, plan: PlannedChange[Any]) -> None:
    """Write into the contract's file that a change has begun, or take that out; the rest of it stays as it is."""
    text = file.read_text(encoding="utf-8")
    told = add_change(text, plan) if plan.phase is Phase.EXPAND else remove_change(text, plan.change)
    file.write_text(told, encoding="utf-8")


def add_change(text: str, plan: PlannedChange[Any]) -> str:
    """Return the text with what it says of the change at its end, once."""
    return f"{remove_change(text, plan.change).rstrip()}\n\n{plan.contract}"


def remove_change(text: str, change: Target) -> str:
    """Return the text without what it says of a column's change; comments up to the next table go as well."""
    lines = list(StringIO(text))
    starts = [number for number, line in enumerate(lines) if line.startswith(_CHANGES)]
    for start in starts:
        following = (number for number in range(start + 1, len(lines)) if lines[number].lstrip().startswith("["))
        end = next(following, len(lines))
        while end < len(lines) and not lines[end - 1].strip():
            end -= 1
        if tomllib.loads("".join(lines[start:end]))["changes"][0].get("column") == str(change):
            rest = "".join(lines[end:])
            return "".join(lines[:start]).rstrip() + "\n" + ("\n" + rest if rest else "")
    return text
