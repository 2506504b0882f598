"""What Prisma's own ``db push`` does to the backend's tables where schema.prisma knows nothing of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.schema.guarded import Place, Places
from support.schema.prisma_engine import PrismaEngine, PrismaRefused, connection_of

from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.guard import install
from strongroom.domain.schema.catalog import Catalog

LONELY = """
datasource db {
  provider = "postgresql"
}

model goal {
  id String @id @db.Uuid
}
"""
"""A schema of one table, which the database has with more columns."""


@pytest.fixture(scope="module")
def engine(node_modules: Path) -> Iterator[PrismaEngine]:
    """Prisma's migration engine."""
    with PrismaEngine(node_modules.parent / "migrate.mjs") as engine:
        yield engine


@pytest.fixture
async def place(postgres_url: str) -> AsyncIterator[Place]:
    """A migrated database, empty of rows, whose administrator owns it all."""
    async with Places(postgres_url).made() as places:
        place = await places.database()
        await Migrator(place.address(place.administrator)).migrate()
        yield place


def push(engine: PrismaEngine, place: Place, role: str) -> int:
    """Have Prisma push the lonely schema as a role, and accept the loss of data; return how many steps it took."""
    database = connection_of(place.address(role))
    return int(engine.ask(schema=LONELY, database=database)["steps"])


async def catalog(place: Place) -> Catalog:
    """Return what the database holds."""
    async with place.connected() as connection:
        return await read_catalog(connection, ["public"])


VERSION_TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE '%\\_version'"


async def test_without_the_guard_a_push_drops_the_backends_empty_tables(engine: PrismaEngine, place: Place) -> None:
    """Nothing is asked: they are gone, up to the one that a materialized view keeps, and what was dropped stays so.

    Prisma alters tables first. The triggers that raise versions keep their column, and so stop the push by chance.
    """
    before = await catalog(place)
    with pytest.raises(PrismaRefused, match="trigger goal_version on table goal depends on column version"):
        push(engine, place, place.administrator)
    async with place.connected(None) as connection:
        for table, trigger in await connection.fetch(VERSION_TRIGGERS):
            await connection.execute(f"DROP TRIGGER {trigger} ON {table}")
    with pytest.raises(PrismaRefused, match="materialized view token_daily_values_mv depends on table price"):
        push(engine, place, place.administrator)
    after = await catalog(place)
    gone = {relation.name for relation in before.relations} - {relation.name for relation in after.relations}
    assert {"coin_data", "nmt_position_flow", "eth_transaction"} <= gone


@pytest.mark.parametrize("superuser", [True, False], ids=["with event triggers", "without"])
async def test_with_the_guard_a_push_changes_nothing_of_the_backends(
    engine: PrismaEngine, place: Place, *, superuser: bool
) -> None:
    """Prisma is refused by the database, whether a superuser has installed the guard or the database's owner."""
    async with place.connected(None if superuser else place.administrator) as connection:
        await install(connection, place.contract)
    before = await catalog(place)
    with pytest.raises(PrismaRefused, match=r"must be owner of|permission denied|strongroom\.toml"):
        push(engine, place, place.role("frontend"))
    after = await catalog(place)
    backends = frozenset(part for part in before.objects if place.contract.owner_of(part) == "backend")
    assert after.only(backends) == before.only(backends)
    assert len(backends) >= 40
