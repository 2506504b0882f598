"""A project of somebody's: SQL files and Prisma on one database, no entity in sight; and scratch databases."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest
from support.commands import invoke
from typer.testing import CliRunner

CONTRACT = """
[sides.backend]
role = "backend"
migrations = "sql"
kind = "sql"

[sides.frontend]
role = "frontend"
migrations = "prisma"
kind = "prisma"
language = "prisma"

[owners.backend]
tables = ["asset", "holding"]
views = ["asset_names"]

[owners.frontend]
tables = ["member"]
"""
BACKEND = """
CREATE TABLE asset (
    id integer PRIMARY KEY,
    symbol text NOT NULL,
    digits integer,
    note text DEFAULT '' NOT NULL,
    CONSTRAINT asset_symbol_check CHECK (symbol <> ''),
    CONSTRAINT asset_symbol_key UNIQUE (symbol)
);
CREATE INDEX asset_lower ON asset (lower(symbol)) WHERE digits > 0;
CREATE VIEW asset_names AS SELECT id, symbol FROM asset;
CREATE TABLE holding (id integer PRIMARY KEY, asset_id integer NOT NULL);
ALTER TABLE holding ADD CONSTRAINT holding_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES asset (id) ON DELETE CASCADE;
"""
FRONTEND = """
CREATE TABLE member ("id" INTEGER NOT NULL, "nick" TEXT, CONSTRAINT "member_pkey" PRIMARY KEY ("id"));
CREATE INDEX "member_nick_idx" ON member ("nick");
"""
SCHEMA = """
datasource db {
  provider = "postgresql"
}

model Member {
  id   Int     @id
  nick String?

  @@index([nick])
  @@map("member")
}
"""
Files: TypeAlias = dict[str, str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder."""
    files: Files = {
        "strongroom.toml": CONTRACT.lstrip(),
        "sql/0001_assets.sql": BACKEND.lstrip(),
        "prisma/migrations/20260101000000_members/migration.sql": FRONTEND.lstrip(),
        "prisma/schema.prisma": SCHEMA.lstrip(),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(project: Path, postgres_url: str) -> Callable[..., tuple[int, str]]:
    """Run a command of ``strongroom schema`` on the project, and return its exit code and all it says."""

    def invoked(*words: str) -> tuple[int, str]:
        result = invoke(CliRunner(), "schema", *words, "--contract", str(project), "--scratch", postgres_url)
        return result.exit_code, result.output

    return invoked


@pytest.fixture
async def connect(empty_database: str) -> AsyncIterator[Callable[[], Awaitable["asyncpg.Connection[Any]"]]]:
    """Open connections to an empty database; they are closed after the test."""
    opened: list[asyncpg.Connection[Any]] = []

    async def connected() -> "asyncpg.Connection[Any]":
        opened.append(await asyncpg.connect(empty_database))
        return opened[-1]

    yield connected
    for connection in opened:
        await connection.close()
