"""The twin answers as PostgreSQL does, whatever is asked of it, in whatever order, however interleaved."""

import pytest
from hypothesis import settings

from strongroom.ports.storage import Repositories
from strongroom.testing.differential.machine import Rig, run

PLAIN_EXAMPLES = 50
"""The same examples in every plain run; ``--long`` tries three times as many as its profile says, always others."""


def test_the_twin_answers_as_postgresql_does(rig: Rig, pytestconfig: pytest.Config) -> None:
    """Every result, every error and at the end every row are the same in both, over random operations."""
    long = pytestconfig.getoption("--long")
    run(rig, examples=3 * settings().max_examples if long else PLAIN_EXAMPLES, derandomize=not long)
    if long:
        for repository, calls in rig.operations.most_common():
            print(f"{calls:>8} {repository}")
        print(f"{rig.operations.total():>8} operations")
        assert rig.operations.keys() == Repositories.__annotations__.keys()
