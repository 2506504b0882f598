"""The twin of the model under test answers as PostgreSQL does: ``pytest --pyargs strongroom.testing.differential``."""

from .machine import Rig, run

EXAMPLES = 50
"""The same examples in every run; ``run`` with other numbers, or ``derandomize=False``, looks further."""


def test_the_twin_answers_as_postgresql_does(rig: Rig) -> None:
    """Every result, every error and at the end every row are the same in both, over random operations."""
    run(rig, examples=EXAMPLES, derandomize=True)
