"""The list of slow tests says what is left out, and nothing else."""

from pathlib import Path

from support.slow import SLOW

TESTS = Path(__file__).resolve().parents[1]


def test_every_slow_test_exists_and_has_a_reason() -> None:
    """A name that no test has any more would hide nothing, and seem to."""
    for name, reason in SLOW.items():
        path, _, function = name.partition("::")
        assert f"def {function}(" in (TESTS / path).read_text(encoding="utf-8"), name
        assert reason
