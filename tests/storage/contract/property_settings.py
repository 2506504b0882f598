"""How the suite's properties run: each example over the one storage of its test, as long as it takes."""

from typing import Final

from hypothesis import HealthCheck, settings

PLAIN: Final = 100
"""A profile of more examples than these asks for a long run."""
RELAXED: Final = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def few(examples: int) -> settings:
    """Return the same with at most so many examples, which find a planted fault; the profile's own in a long run."""
    wanted = settings().max_examples
    return settings(RELAXED, max_examples=wanted if wanted > PLAIN else min(examples, wanted))
