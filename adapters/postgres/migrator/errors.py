"""What can be wrong between migration files and a database: each its own class, each saying what to do."""

from collections.abc import Iterable

from strongroom.ports.errors import SchemaMismatch


class MigrationFileInvalid(SchemaMismatch):
    """The files contradict one another or themselves: a cycle, a missing name, a number twice, an unsafe statement."""


class HistoryMismatch(SchemaMismatch):
    """Files and database differ; ``histories`` names those whose migrations do (pg, prisma, an extension's)."""

    def __init__(self, message: str, *, histories: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.histories = tuple(histories)


class SchemaBehind(HistoryMismatch):
    """The database lacks migrations that this code needs, and they are not to be applied now."""


class SchemaAhead(HistoryMismatch):
    """The database has migrations that are newer than this code."""


class SchemaMissing(HistoryMismatch):
    """The database has a migration, older than the newest known, whose file is gone."""


class SchemaChanged(HistoryMismatch):
    """The file of an applied migration says something else than what was applied."""


class SchemaOutOfOrder(HistoryMismatch):
    """A migration is pending although a later one of its history is applied."""


class SchemaHalfApplied(HistoryMismatch):
    """A migration was begun and not finished."""


class MigrationFailed(SchemaMismatch):
    """A statement of a migration was refused; nothing of its file is kept (without a transaction: see the message)."""
