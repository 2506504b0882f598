"""Find the model that tests use: the platform's, or the model that pytest's option ``strongroom_model`` names."""

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM

_tested = PLATFORM


def model_under_test() -> Model:
    """Return the model of the test session; suites and strategies take their tables from it."""
    return _tested


def use_model(model: Model) -> None:
    """Have what follows run over a model: before the suites are imported."""
    global _tested  # noqa: PLW0603 - one setting of a test session
    _tested = model
