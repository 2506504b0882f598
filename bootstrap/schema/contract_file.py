"""What the contract's file says of columns that change in steps: written when one begins, taken out when it ends."""

import re
import tomllib
from pathlib import Path
from typing import Final

from strongroom.domain.schema.column_change import Phase, Target

from .column_changes import PlannedChange

_BLOCK: Final = re.compile(r"^\[\[changes\]\][^\n]*\n(?:(?!\s*\[)[^\n]*(?:\n|\Z))*", re.MULTILINE)


def record(file: Path, plan: PlannedChange) -> None:
    """Write into the contract's file that a change has begun, or take that out; the rest of it stays as it is."""
    text = file.read_text(encoding="utf-8")
    told = with_change(text, plan) if plan.phase is Phase.EXPAND else without_change(text, plan.change)
    file.write_text(told, encoding="utf-8")


def with_change(text: str, plan: PlannedChange) -> str:
    """Return the text with what it says of the change at its end, once."""
    return f"{without_change(text, plan.change).rstrip()}\n\n{plan.contract}"


def without_change(text: str, change: Target) -> str:
    """Return the text without what it says of a column's change; comments up to the next table go as well."""
    for block in _BLOCK.finditer(text):
        if tomllib.loads(block[0])["changes"][0].get("column") == str(change):
            return text[: block.start()].rstrip() + "\n" + ("\n" + text[block.end() :] if text[block.end() :] else "")
    return text
