"""How the suite's properties run: each example over the one storage of its test, as long as it takes."""

from typing import Final

from hypothesis import HealthCheck, settings

RELAXED: Final = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
