"""Errors of schema coordination that adapters raise and use cases explain."""

from strongroom.domain.errors import StrongroomError


class ReplayFailed(StrongroomError):
    """A migration cannot be applied to an empty database; ``extension`` names the missing extension, if that is why.

    ``line`` is 0 if the whole migration is meant.
    """

    def __init__(self, migration: str, line: int, reason: str, *, extension: str | None = None) -> None:
        self.migration = migration
        self.line = line
        self.reason = reason
        self.extension = extension
        super().__init__(f"{migration}, line {line}: {reason}" if line else f"{migration}: {reason}")


class SourceInvalid(StrongroomError):
    """A name does not stand for anything that a schema can be read from."""
