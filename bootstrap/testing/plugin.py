"""The pytest plugin: loaded wherever strongroom is installed, and idle where its fixtures are not used."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixtures, where pytest-asyncio is installed to run them."""
    if config.pluginmanager.hasplugin("asyncio"):
        from strongroom.testing import fixtures

        config.pluginmanager.register(fixtures, "strongroom-fixtures")
