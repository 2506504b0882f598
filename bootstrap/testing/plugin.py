"""The pytest plugin: loaded wherever strongroom is installed, and idle where its fixtures are not used."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of the model that everything runs over."""
    parser.addini("strongroom_model", "the tables under test: a Model, such as alerts.tables:MODEL")


def pytest_configure(config: pytest.Config) -> None:
    """Load the model that is under test, and add the fixtures if pytest-asyncio is installed to run them."""
    path = config.getini("strongroom_model")
    if path:
        _use_model(path)
    if config.pluginmanager.hasplugin("asyncio"):
        from strongroom.testing import fixtures

        config.pluginmanager.register(fixtures, "strongroom-fixtures")


def _use_model(path: str) -> None:
    from strongroom.adapters.mapping.loading import load_model
    from strongroom.ports.errors import ModelInvalid
    from strongroom.testing.model_under_test import use_model

    try:
        use_model(load_model(path))
    except ModelInvalid as error:
        message = f"strongroom_model: {error}"
        raise pytest.UsageError(message) from error
