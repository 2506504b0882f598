"""What we call drift is what Prisma's migration engine would change, however a database came to be spelled."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.schema.prisma_drift import Drift, drifts
from support.schema.prisma_engine import HEAD, PrismaEngine, connection_of

from strongroom.adapters.schema.postgres.database import read_database
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.check import CheckResult, Declaration, check_contract
from strongroom.domain.schema.contract import Contract, ContractSide, Language, MigrationKind
from strongroom.domain.schema.findings import DeclaredSchema

NOTHING = "-- This is an empty migration."
ALONE = Contract((ContractSide("web", "web", "prisma", MigrationKind.PRISMA, Language.PRISMA),), ())
DRIFTS = list(drifts())


@pytest.fixture(scope="session")
def engine(node_modules: Path) -> Iterator[PrismaEngine]:
    """Prisma's migration engine, comparing."""
    with PrismaEngine(node_modules.parent / "drift.mjs") as engine:
        yield engine


@pytest.fixture(scope="session")
async def url(new_database: Callable[..., Awaitable[str]]) -> str:
    """A database that the tests of this module fill and empty."""
    return await new_database()


@pytest.fixture
async def connection(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to it, empty."""
    connection = await asyncpg.connect(url)
    await connection.execute("DROP SCHEMA IF EXISTS public, other CASCADE; CREATE SCHEMA public")
    yield connection
    await connection.close()


def would_change(engine: PrismaEngine, url: str, text: str) -> bool:
    """Say whether Prisma's engine would change a database for a schema."""
    database = connection_of(url)
    return str(engine.ask(files=[("schema.prisma", text)], database=database)).strip() not in {"", NOTHING}


async def checked(url: str, postgres_url: str, folder: Path, text: str) -> CheckResult:
    """Check a database against a schema alone."""
    path = folder / "schema.prisma"
    path.write_text(text, encoding="utf-8")
    with ScratchServer(postgres_url) as scratch:
        declared = Declaration(
            DeclaredSchema("schema.prisma", "web", Language.PRISMA), await read_prisma_schema(path, scratch)
        )
    return check_contract(
        ALONE, await read_database(url, ["public"]), [declared], today=date(2026, 11, 23), baseline={}
    )


@pytest.mark.parametrize("drift", DRIFTS, ids=[drift.name for drift in DRIFTS])
async def test_we_find_what_prisma_would_change(
    engine: PrismaEngine,
    connection: "asyncpg.Connection[Any]",
    url: str,
    postgres_url: str,
    tmp_path: Path,
    drift: Drift,
) -> None:
    """The same default in other words is none, nor is what Prisma cannot say; where one alone tells, we know why."""
    await connection.execute(drift.sql)
    ours = (await checked(url, postgres_url, tmp_path, HEAD + drift.models)).findings
    theirs = would_change(engine, url, HEAD + drift.models)
    assert (bool(ours), theirs) == (drift.told in {"drift", "ours"}, drift.told in {"drift", "theirs"}), ours


async def test_the_key_of_an_older_prisma_is_told_of(
    connection: "asyncpg.Connection[Any]", url: str, postgres_url: str, tmp_path: Path
) -> None:
    """Nothing is wrong with it, but Prisma since 6 puts another in its place."""
    drift = next(drift for drift in DRIFTS if drift.name == "two lists, as Prisma made them up to 5")
    await connection.execute(drift.sql)
    found = await checked(url, postgres_url, tmp_path, HEAD + drift.models)
    assert [warning.partition(" is what")[0] for warning in found.warnings] == [
        "table public._AToB: the unique index _AToB_AB_unique"
    ]
