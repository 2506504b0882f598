"""Writes ``migrations/catalog.json``, what the shipped migrations make: run it after a migration was added."""

import asyncio
import json
from pathlib import Path

from strongroom.adapters.schema.histories import read_migrations
from strongroom.adapters.schema.postgres.catalog.documents import to_document
from strongroom.adapters.schema.project import open_project
from strongroom.adapters.schema.schema_baseline import entity_part
from strongroom.adapters.schema.scratch import ScratchServer

ROOT = Path(__file__).resolve().parents[3]


async def main() -> None:
    """Replay the migrations, and write what they make."""
    project = open_project(ROOT)
    with ScratchServer() as scratch:
        found = await scratch.replay(read_migrations(project.contract, project.folder), project.contract.schemas)
    text = json.dumps(to_document(entity_part(found)), indent=1, sort_keys=True) + "\n"
    (ROOT / "migrations" / "catalog.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
