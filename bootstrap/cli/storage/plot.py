"""A small plot of values over time, in characters."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from rich.text import Text

BLOCKS: Final = " ▁▂▃▄▅▆▇█"
ASCII_BLOCKS: Final = " .:-=+*#@"
"""The same nine heights for an output that is not Unicode."""
_EIGHTHS: Final = len(BLOCKS) - 1


def plot(values: Sequence[Decimal], *, width: int, height: int, blocks: str = BLOCKS) -> list[str]:
    """Return the rows of a plot, the top one first: one column a value, or fewer where the width does not suffice.

    The lowest value is one eighth of a character high, the highest fills the height; 0 is empty. Without values
    there are no rows.
    """
    columns = _resample(values, width)
    held = [value for value in columns if value]
    if not held:
        return []
    low, span = min(held), max(held) - min(held)
    levels = [
        0
        if not value
        else 1 + (round((value - low) / span * (height * _EIGHTHS - 1)) if span else height * _EIGHTHS // 2)
        for value in columns
    ]
    return [
        "".join(blocks[min(max(level - row * _EIGHTHS, 0), _EIGHTHS)] for level in levels)
        for row in range(height - 1, -1, -1)
    ]


def add_labels(rows: Sequence[str], *, high: str, low: str, colour: str, axis: str = "┤") -> Text:
    """Return the rows with the highest and the lowest value at their side."""
    pad = max(len(high), len(low))
    sides = [high, *[""] * (len(rows) - 2), low]
    text = Text()
    for row, side in zip(rows, sides, strict=True):
        text.append(f"{side:>{pad}} {axis}", style="dim")
        text.append(row, style=colour)
        text.append("\n")
    return text


def _resample(values: Sequence[Decimal], width: int) -> list[Decimal]:
    if len(values) <= width:
        return list(values)
    last = len(values) - 1
    return [values[round(place * last / (width - 1))] for place in range(width)]
