"""Writes ``migrations/catalog.json``, what the shipped migrations make: run it after a migration was added."""

import asyncio
import json
from pathlib import Path

from strongroom.adapters.postgres.schema_baseline import of_entities
from strongroom.adapters.schema.postgres.catalog.documents import to_document
from strongroom.adapters.schema.project import open_project
from strongroom.adapters.schema.sources import Scratch, migrations_of, of_migrations

ROOT = Path(__file__).resolve().parents[3]


async def main() -> None:
    """Replay the migrations, and write what they make."""
    project = open_project(ROOT)
    with Scratch() as scratch:
        found = await of_migrations(scratch, migrations_of(project.contract, project.folder), project.contract.schemas)
    text = json.dumps(to_document(of_entities(found)), indent=1, sort_keys=True) + "\n"
    (ROOT / "migrations" / "catalog.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
