"""Applies the histories of migrations, the backend's, the frontend's and extensions', in one computed order."""

from ..locks import MigrationBlocked
from .errors import (
    HistoryMismatch,
    MigrationFailed,
    MigrationFileInvalid,
    SchemaAhead,
    SchemaBehind,
    SchemaChanged,
    SchemaHalfApplied,
    SchemaMissing,
    SchemaOutOfOrder,
)
from .files import Migration, MigrationFolders, Side, load_migrations
from .order import migration_order
from .runner import MigrationReport, Migrator
from .status import MigrationState, MigrationStatus

__all__ = [
    "HistoryMismatch",
    "Migration",
    "MigrationBlocked",
    "MigrationFailed",
    "MigrationFileInvalid",
    "MigrationFolders",
    "MigrationReport",
    "MigrationState",
    "MigrationStatus",
    "Migrator",
    "SchemaAhead",
    "SchemaBehind",
    "SchemaChanged",
    "SchemaHalfApplied",
    "SchemaMissing",
    "SchemaOutOfOrder",
    "Side",
    "load_migrations",
    "migration_order",
]
