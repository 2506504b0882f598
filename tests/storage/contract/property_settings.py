"""How the suite's properties run: each example over the one storage of its test, as long as it takes."""

from typing import Final

from hypothesis import HealthCheck, settings

PLAIN: Final = 100
"""As many examples as a property has where nobody asks for more, or fewer."""
RELAXED: Final = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


def few(examples: int) -> settings:
    """Return the same with fewer examples, where each takes long; as many as the profile says in a long run."""
    plain = settings().max_examples <= PLAIN
    return settings(RELAXED, max_examples=examples if plain else settings().max_examples)
