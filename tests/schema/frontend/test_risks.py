"""The three risks of a shared database: each breaks something without the check, and is found by it before."""

import shutil
from pathlib import Path

import asyncpg
import pytest
from support.commands import invoke
from support.schema.frontend import Client, PrismaError
from typer.testing import CliRunner

from strongroom import SchemaMismatch
from strongroom.domain.accounts.goal import Goal
from strongroom.domain.pricing.coin import Coin
from strongroom.ports.storage import Storage
from strongroom.testing.factory import World

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the shipped project's contract and histories."""
    shutil.copy(ROOT / "strongroom.toml", tmp_path)
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    return tmp_path


def replayed(project: Path, url: str, *options: str) -> tuple[int, str]:
    """Return the exit code of a replay, and what it says."""
    result = invoke(CliRunner(), "schema", "replay", "--contract", str(project), "--scratch", url, *options)
    return result.exit_code, result.output


async def altered(url: str, *statements: str) -> None:
    """Change a database as a migration would."""
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def test_a_rename_by_the_backend_breaks_the_frontends_queries(
    storage: Storage, client: Client, frontend_database: str
) -> None:
    """Without the check: the frontend's query fails with P2022 once the backend's migration is there."""
    coin = await World(storage).added(Coin)
    assert client.find("coin", {"id": str(coin.id)}) is not None
    await altered(frontend_database, "ALTER TABLE coin RENAME symbol TO ticker")
    try:
        with pytest.raises(PrismaError) as caught:
            client.find("coin", {"id": str(coin.id)})
        assert caught.value.code == "P2022"
    finally:
        await altered(frontend_database, "ALTER TABLE coin RENAME ticker TO symbol")


def test_a_rename_by_the_backend_is_found_beforehand(project: Path, postgres_url: str) -> None:
    """With it: replay and impact name the query that would break, and what mends it."""
    rename = project / "migrations" / "pg" / "0999_ticker.sql"
    rename.write_text("-- A better name.\nALTER TABLE coin RENAME symbol TO ticker;\n")
    code, said = replayed(project, postgres_url)
    assert code == 1
    assert "table public.coin, symbol: column renamed" in said
    assert "P2022" in said
    arguments = ("schema", "impact", "pg/0999", "--contract", str(project), "--scratch", postgres_url)
    impact = invoke(CliRunner(), *arguments)
    assert impact.exit_code == 1
    assert "breaks now   frontend" in impact.stdout
    assert "expand-contract rename" in impact.stdout


async def test_a_migration_of_the_frontend_breaks_a_repository(storage: Storage, frontend_database: str) -> None:
    """Without the check: the repository raises SchemaMismatch once the frontend's migration is there."""
    await World(storage).added(Goal)
    await altered(frontend_database, "ALTER TABLE goal RENAME name TO title")
    try:
        with pytest.raises(SchemaMismatch):
            await storage.goals.find()
    finally:
        await altered(frontend_database, "ALTER TABLE goal RENAME title TO name")


def test_a_migration_of_the_frontend_is_found_beforehand(project: Path, postgres_url: str) -> None:
    """With it: the entities are held against what the frontend's migration makes."""
    folder = project / "migrations" / "prisma" / "migrations" / "20990101000000_title"
    folder.mkdir()
    (folder / "migration.sql").write_text('ALTER TABLE "goal" RENAME "name" TO "title";\n')
    schema = project / "migrations" / "prisma" / "schema.prisma"
    text = schema.read_text()
    start = text.index("model Goal {")
    schema.write_text(text[:start] + text[start:].replace("  name  ", "  title ", 1))
    code, said = replayed(project, postgres_url)
    assert code == 1
    assert "the entities declares name" in said
    assert "every call of its repository raises SchemaMismatch" in said


def test_a_schema_prisma_that_drifted_is_found_and_written_anew(project: Path, postgres_url: str) -> None:
    """A model that nobody kept in step: replay tells, generate mends, and both are content afterwards."""
    schema = project / "migrations" / "prisma" / "schema.prisma"
    text = schema.read_text()
    start = text.index("model Price {")
    schema.write_text(text[:start] + text[start:].replace("price_usd", "price", 1))
    code, said = replayed(project, postgres_url)
    assert code == 1
    assert "run strongroom schema prisma generate" in said
    arguments = ("schema", "prisma", "generate", "--contract", str(project), "--scratch", postgres_url)
    assert invoke(CliRunner(), *arguments, "--check").exit_code == 1
    assert invoke(CliRunner(), *arguments).exit_code == 0
    assert schema.read_text() == text
    assert replayed(project, postgres_url)[0] == 0
