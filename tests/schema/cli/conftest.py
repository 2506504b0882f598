"""Fixtures of the tests of the schema commands: a clean environment and a command line."""

from support.command_environment import address, clean_environment, cli, filled

__all__ = ["address", "clean_environment", "cli", "filled"]
