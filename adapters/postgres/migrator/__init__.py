"""Applies both histories of migrations, the backend's and the frontend's, in one computed order."""

from ..locks import MigrationBlocked
from .errors import (
    MigrationFailed,
    MigrationFileInvalid,
    SchemaAhead,
    SchemaBehind,
    SchemaChanged,
    SchemaHalfApplied,
    SchemaMissing,
    SchemaOutOfOrder,
)
from .files import Migration, Side, load_migrations
from .order import migration_order
from .runner import MigrationReport, Migrator
from .status import MigrationState, MigrationStatus

__all__ = [
    "Migration",
    "MigrationBlocked",
    "MigrationFailed",
    "MigrationFileInvalid",
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
