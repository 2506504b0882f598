"""Read the histories of migrations of a contract's sides, or of any folder."""

from pathlib import Path

from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.domain.schema.contract import Contract, MigrationKind

from .postgres.replay import read_migration_folder, replay_order, start_from_dump


def read_migrations(contract: Contract, base: Path) -> list[Migration]:
    """Return the migrations of all sides in the order in which they are applied. Raises ReplayFailed.

    Folders are relative to the contract's own.
    """
    kinds = {MigrationKind.PRISMA: Side.FRONTEND, MigrationKind.SQL: Side.BACKEND}
    histories = []
    has_backend = False
    for side in contract.sides:
        if side.migrations is not None:
            # Headers know the first history of SQL files as pg, and every other by its side's name.
            name = side.name if has_backend and side.kind is MigrationKind.SQL else None
            has_backend = has_backend or side.kind is MigrationKind.SQL
            history = read_migration_folder(base / side.migrations, kinds[side.kind], name)
            through = side.dump_through
            histories.append(history if through is None else start_from_dump(history, base / str(side.dump), through))
    return replay_order(histories)


def find_history(folder: Path) -> tuple[Migration, ...] | None:
    """Return the history that a folder holds; None if it holds none."""
    if not folder.is_dir():
        return None
    if any(folder.glob("*/migration.sql")) or any(folder.glob("migrations/*/migration.sql")):
        return read_migration_folder(folder, Side.FRONTEND)  # beside them lies SQL that is no migration
    return read_migration_folder(folder, Side.BACKEND) if any(folder.glob("*.sql")) else None
