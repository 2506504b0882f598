"""``strongroom balances assert``: known balances against the sums of stored changes, and how that is written."""

from pathlib import Path
from typing import Any

from rich.console import Console

from strongroom.adapters.sources import assert_balance_file
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.ports.use_cases.assert_balances import BalanceCheck


async def check_file(settings: Settings, file: Path, chain_id: int) -> BalanceCheck:
    """Open the storage and compare the balances of a file."""
    async with open_with(settings) as storage:
        return await assert_balance_file(storage, file, chain_id=chain_id)


def document(check: BalanceCheck) -> dict[str, Any]:
    """Return what was compared as JSON; amounts as text, in raw units."""
    return {
        "compared": check.compared,
        "differences": [
            {
                "address": each.known.address,
                "coin": each.known.coin,
                "block_number": each.known.block_number,
                "expected": str(each.known.amount),
                "found": str(each.found),
                "missing": str(each.missing),
                "file": each.origin.file,
                "line": each.origin.line,
            }
            for each in check.differences
        ],
    }


def show(console: Console, check: BalanceCheck) -> None:
    """Write what was compared for people: one line for each difference."""
    for each in check.differences:
        coin = "the chain's own coin" if each.known.coin == ZERO_ADDRESS else each.known.coin
        block = "" if each.known.block_number is None else f" after block {each.known.block_number}"
        where = escape_text(f"{each.origin.file}, line {each.origin.line}")
        console.print(
            f"{each.known.address}: {coin}{block} is {each.known.amount}, the sums give {each.found} ({where})"
        )
    console.print(f"Compared: {check.compared:,}. Different: {len(check.differences):,}.")
