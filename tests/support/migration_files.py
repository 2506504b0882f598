"""Small trees of migration files that the migrator's tests write, and how they stand to a database."""

from pathlib import Path
from typing import Any

from strongroom.adapters.postgres.migrator import MigrationState, Migrator


class Files:
    """Two folders of migrations that a test writes into."""

    def __init__(self, folder: Path) -> None:
        self.backend = folder / "pg"
        self.frontend = folder / "prisma"
        self.backend.mkdir()
        self.frontend.mkdir()

    def ours(self, name: str, sql: str) -> Path:
        """Write a migration of the backend."""
        path = self.backend / f"{name}.sql"
        path.write_text(sql, encoding="utf-8")
        return path

    def theirs(self, name: str, sql: str) -> Path:
        """Write a migration of the frontend."""
        path = self.frontend / name / "migration.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(sql, encoding="utf-8")
        return path

    def migrator(self, url: str, **options: Any) -> Migrator:
        """Return a migrator of the two folders."""
        return Migrator(url, backend=self.backend, frontend=self.frontend, **options)


async def states(migrator: Migrator) -> dict[str, MigrationState]:
    """Return how every migration stands, by label."""
    return {status.label: status.state for status in await migrator.status()}
