"""Whether six ratios of this run hold against those that are kept: ``uv run python -m tests.benchmarks.regressions``.

A ratio is the tuned floor's time divided by strongroom's, so that a slow or busy machine slows both. A ratio below 0.75
of the kept one fails if a second run agrees. ``--keep`` measures at length and keeps the ratios, in kept_ratios.json.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from . import platform_world
from .contenders.contender import Contender
from .contenders.driver import TunedDriver
from .contenders.ours import Strongroom
from .kept import Address, running_server
from .process import run_here
from .rounds import Measured, Numbers, measure
from .works import BY_NAME

KEPT: Final = Path(__file__).parent / "kept_ratios.json"
WORKS: Final = ("get", "find", "wide", "stream", "as-of", "pairs")
WORST: Final = 0.75
SECONDS: Final = 1.2
"""For each work; a server, a database and a pool come on top."""


async def ratios(address: Address, works: Sequence[str], seconds: float) -> dict[str, float]:
    """Return the median ratio of each work, of rounds that take about so many seconds."""
    contenders: list[Contender] = [Strongroom(), TunedDriver()]
    sample = platform_world.Sample.draw()
    for contender in contenders:
        await contender.open(address, sample)
    try:
        found = {}
        for name in works:
            taken = await measure(
                contenders,
                name,
                calls=max(BY_NAME[name].calls[1] // 2, 1),
                tasks=1,
                budget=seconds,
                numbers=Numbers(),
            )
            measured = Measured(name, BY_NAME[name].title, 1, taken)
            found[name] = round(measured.ratio(contenders[1].name).median, 3)
        return found
    finally:
        for contender in contenders:
            await contender.close()


async def run(*, keep: bool) -> int:
    """Measure, compare or keep, and return the exit code."""
    async with running_server() as server:
        address = await platform_world.database(server)
        if keep:
            KEPT.write_text(json.dumps(await ratios(address, WORKS, 10 * SECONDS), indent=2) + "\n", encoding="utf-8")
            print(f"kept: {KEPT}")
            return 0
        kept: dict[str, float] = json.loads(KEPT.read_text(encoding="utf-8"))
        found = await ratios(address, WORKS, SECONDS)
        slower = fallen(found, kept)
        again = await ratios(address, slower, 3 * SECONDS) if slower else {}
        confirmed = fallen(again, kept)
    for name in WORKS:
        second = f", {again[name]:.2f} in a second run" if name in again else ""
        verdict = "SLOWER" if name in confirmed else "ok"
        print(f"{verdict:>6}  {name}: tuned floor / strongroom {found[name]:.2f}{second}; kept {kept[name]:.2f}")
    if confirmed:
        print(f"below {WORST} of the kept ratio, twice: {', '.join(confirmed)}", file=sys.stderr)
    return 1 if confirmed else 0


def fallen(found: dict[str, float], kept: dict[str, float]) -> list[str]:
    """Return the works whose ratio is below ``WORST`` of the one that is kept."""
    return [name for name, ratio in found.items() if ratio < WORST * kept[name]]


def main() -> None:
    """Compare with what is kept, or keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep this run's ratios instead of comparing with them")
    keep = parser.parse_args().keep
    sys.exit(run_here(run(keep=keep)))


if __name__ == "__main__":
    main()
