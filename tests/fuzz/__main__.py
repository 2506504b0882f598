"""Fuzz every parser: ``python -m tests.fuzz --seconds 60 [--parser NAME] [--seed N] [--atheris]``.

Prints for each parser how many inputs it was given, how many it took, what it crashed on and which was slowest. Inputs
that crash are written to ``--keep``. With atheris, where it is installed, coverage guides the mutations of one parser.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from .mutations import made_of, mutated

if TYPE_CHECKING:
    from .parsers import Parser


@define
class Result:
    """What a parser did with its inputs; times are seconds of CPU."""

    inputs: int = 0
    taken: int = 0
    slowest: float = 0.0
    slowest_length: int = 0
    crashes: dict[str, str] = field(factory=dict)


def fuzz(parser: "Parser", seconds: float, seed: int) -> Result:
    """Give a parser mutated texts for so many seconds of CPU; each that it takes may be mutated further."""
    luck = random.Random(f"{parser.name} {seed}")
    pool, result = parser.seeds, Result()
    end = time.process_time() + seconds
    while time.process_time() < end:
        text = mutated(luck.choice(pool), parser.words, luck) if luck.random() < 0.8 else made_of(parser.words, luck)
        begun = time.process_time()
        try:
            taken = parser.try_on(text)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            trace = traceback.format_exc().splitlines()
            result.crashes.setdefault(" | ".join([trace[-3].strip(), trace[-1][:100]]), text)
            taken = False
        took = time.process_time() - begun
        result.inputs += 1
        result.taken += taken
        if took > result.slowest:
            result.slowest, result.slowest_length = took, len(text)
        if taken and luck.random() < 0.02:
            pool = [*pool[-200:], text]
    return result


def guided(name: str, seconds: float) -> None:
    """Let atheris look for texts that a parser crashes on; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["strongroom.adapters", "strongroom.bootstrap"]):
        from .parsers import PARSERS
    parser = PARSERS[name]
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=4096"],
        lambda data: parser.try_on(data.decode(errors="surrogateescape").replace("\udc80", "\ud800")),
    )
    atheris.Fuzz()


def main() -> int:
    """Fuzz the parsers that are asked for, and return 1 if one has crashed."""
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("--seconds", type=float, default=10, help="of CPU, for each parser")
    arguments.add_argument("--parser", action="append", help="one of them (or several)")
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--keep", type=Path, help="a folder for the inputs that crash a parser")
    arguments.add_argument("--atheris", action="store_true", help="let coverage guide the mutations of one parser")
    given = arguments.parse_args()
    if given.atheris:
        guided(given.parser[0] if given.parser else "sql", given.seconds)
    from .parsers import PARSERS

    unknown = {*(given.parser or ())} - {*PARSERS}
    if unknown:
        arguments.error(f"there is no parser {', '.join(unknown)}; there are {', '.join(PARSERS)}")
    chosen = [PARSERS[name] for name in given.parser or PARSERS]
    crashed = False
    for parser in chosen:
        result = fuzz(parser, given.seconds, given.seed)
        print(
            f"{parser.name:16} {result.inputs:>9,} inputs, {result.taken:>9,} taken, {len(result.crashes)} crashes, "
            f"slowest {result.slowest * 1000:.0f} ms ({result.slowest_length:,} characters)",
            flush=True,
        )
        for crash, text in result.crashes.items():
            crashed = True
            print(f"    {crash}\n    {text[:200]!r}")
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                name = f"{parser.name}-{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}"
                (given.keep / name).write_bytes(text.encode(errors="surrogatepass"))
    return int(crashed)


if __name__ == "__main__":
    sys.exit(main())
