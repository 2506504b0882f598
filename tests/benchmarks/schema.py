"""How long it takes to read, parse and check a schema of 300 tables, and to replay 500 migrations: best of five runs.

``uv run python tests/benchmarks/schema.py [TABLES] [MIGRATIONS]``
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from strongroom.adapters.postgres.migrator.files import Side
from strongroom.adapters.schema.contract_file import parse_contract
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.replay import read_migration_folder, replay
from strongroom.adapters.schema.prisma.generate.model_writer import ModelWriter
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.to_catalog.catalog import prisma_catalog
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import Declaration, check_contract
from strongroom.domain.schema.contract import Language
from strongroom.domain.schema.findings import DeclaredSchema

CONTRACT = """
[sides.one]
role = "one"
migrations = "one"
kind = "sql"
[sides.two]
role = "two"
migrations = "two"
kind = "prisma"
language = "prisma"
[owners.one]
tables = ["nothing"]
[owners.two]
tables = ["table_*"]
"""
HEAD = 'generator client {\n  provider = "prisma-client"\n}\n\ndatasource db {\n  provider = "postgresql"\n}\n\n'
RUNS = 5


def tables(count: int) -> str:
    """Return the statements that make so many tables of twelve columns, each with a reference and two indexes."""
    columns = ", ".join(f"column_{number} text" for number in range(8))
    return ";\n".join(
        f"CREATE TABLE table_{number:04} (id bigint PRIMARY KEY, parent_id bigint REFERENCES "
        f"table_{max(number - 1, 0):04} (id), made_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, "
        f"amount numeric(38, 18) NOT NULL CHECK (amount >= 0), {columns}); "
        f"CREATE UNIQUE INDEX table_{number:04}_column_0_key ON table_{number:04} (column_0); "
        f"CREATE INDEX table_{number:04}_parent_id_idx ON table_{number:04} (parent_id)"
        for number in range(count)
    )


async def best(call: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """Return the shortest of several runs in milliseconds, and what the last one gave."""
    times, answer = [], None
    for _ in range(RUNS):
        start = time.perf_counter()
        answer = await call()
        times.append((time.perf_counter() - start) * 1000)
    return min(times), answer


async def main(count: int, migrations: int) -> None:
    """Measure, and print a line for each."""
    contract = parse_contract(CONTRACT)
    with ScratchServer() as scratch:
        async with scratch.connection() as connection:
            await connection.execute(tables(count))
            read, found = await best(lambda: read_catalog(connection, ["public"]))
        print(f"read the catalog of {count} tables: {read:.0f} ms")
        text = HEAD + "\n".join(ModelWriter(found, list(found.by_name)).block(relation) for relation in found.relations)

        async def parse() -> Catalog:
            return prisma_catalog(read_schema({"schema.prisma": text}))

        parsed, declared = await best(parse)
        print(f"parse a schema.prisma of {count} models, {len(text) / 1024:.0f} KiB: {parsed:.0f} ms")

        async def checked() -> Any:
            one = Declaration(DeclaredSchema("schema.prisma", "two", Language.PRISMA), declared)
            return check_contract(contract, found, [one], today=datetime.now(UTC).date(), baseline={})

        compared, result = await best(checked)
        print(f"check it: {compared:.0f} ms, {len(result.findings)} findings; in all {read + parsed + compared:.0f} ms")
        with tempfile.TemporaryDirectory() as folder:
            for number in range(migrations):
                place = Path(folder) / f"{number:04}_step"
                place.mkdir()
                (place / "migration.sql").write_text(f'CREATE TABLE "T{number}" ("id" SERIAL PRIMARY KEY);\n')
            history = read_migration_folder(Path(folder), Side.FRONTEND)
            async with scratch.connection() as connection:
                start = time.perf_counter()
                await replay(connection, history)
            print(f"replay {migrations} migrations: {(time.perf_counter() - start) * 1000:.0f} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, int(sys.argv[2]) if len(sys.argv) > 2 else 500))
