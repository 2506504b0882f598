"""Whatever text a parser is given, it returns or raises a typed error, in time and memory linear in the text."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fuzz.mutations import made_of, mutated
from fuzz.parsers import PARSERS, ROOT
from fuzz.shapes import SHAPES, SMALLER
from hypothesis import given, settings
from hypothesis import strategies as st

ENOUGH = 4.0
"""Seconds of CPU: many times what each shape takes, and less than a quadratic parser would."""
SIZE = 90_000
EXAMPLES = 8
LONG_SIZE = 10_000_000
LONG_SECONDS = 30
LONG_MEMORY = 200 * 2**20
EVERY_SHAPE = [(parser, shape) for parser, shapes in SHAPES.items() for shape in shapes]
MEASURED = """
import resource, sys
from tests.fuzz.parsers import PARSERS
from tests.fuzz.shapes import SHAPES
parser, shape, size = sys.argv[1:]
before = resource.getrusage(resource.RUSAGE_SELF)
text = SHAPES[parser][shape](int(size))
PARSERS[parser].try_on(text)
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime - before.ru_utime, (after.ru_maxrss - before.ru_maxrss) * 1024 - 2 * len(text))
"""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End what takes more seconds of CPU by TimeoutError."""

    def too_long(*_: object) -> None:
        message = f"it took more than {seconds} s of CPU"
        raise TimeoutError(message)

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=EXAMPLES if settings().max_examples <= 50 else settings().max_examples)
@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    """Arbitrary text is taken, or refused by a typed error."""
    with within(ENOUGH):
        PARSERS[name].try_on(text)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=EXAMPLES if settings().max_examples <= 50 else settings().max_examples)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_text_is_read_or_refused(name: str, seed: int) -> None:
    """So is a real file with random changes, and a text that is made of the parser's own words."""
    parser, luck = PARSERS[name], random.Random(seed)
    texts = (mutated(luck.choice(parser.seeds), parser.words, luck), made_of(parser.words, luck))
    for text in texts:
        with within(ENOUGH):
            parser.try_on(text)


@pytest.mark.parametrize(("name", "shape"), EVERY_SHAPE)
def test_a_hostile_shape_takes_linear_time(request: pytest.FixtureRequest, name: str, shape: str) -> None:
    """A text that is all nesting, quotes, digits or repetition is read or refused about as fast as any other.

    With --long it is of ten megabytes (one, if each few characters are work), in a process of its own, and may take
    200 MB beside the text itself.
    """
    if request.config.getoption("--long"):
        seconds, memory = measured(name, shape)
        assert seconds < LONG_SECONDS
        assert memory < LONG_MEMORY
        return
    with within(ENOUGH):
        PARSERS[name].try_on(SHAPES[name][shape](SMALLER.get((name, shape), SIZE)))


def measured(name: str, shape: str) -> tuple[float, float]:
    """Return the seconds of CPU and the bytes of memory that a parser takes for megabytes of a shape."""
    size = LONG_SIZE // 10 if (name, shape) in SMALLER else LONG_SIZE
    command = [sys.executable, "-c", MEASURED, name, shape, str(size)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20 * LONG_SECONDS)
    assert ran.returncode == 0, ran.stderr[-2000:]
    seconds, memory = map(float, ran.stdout.split())
    return seconds, memory


def test_every_parser_has_a_corpus_and_shapes() -> None:
    """Each has texts to begin with, and hostile ones."""
    assert set(SHAPES) == set(PARSERS)
    assert all(any((Path(__file__).parent / "corpora" / name).iterdir()) for name in PARSERS)
