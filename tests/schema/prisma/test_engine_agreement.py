"""The catalog that we expect of a schema is the one that Prisma's migration engine creates."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from hypothesis import given
from support.schema.prisma_engine import PrismaEngine
from support.schema.prisma_relations import schemas

from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.prisma.generate.schema_writer import format_schema
from strongroom.adapters.schema.prisma.model.configuration import schemas_of
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.model.schema import PrismaSchema
from strongroom.adapters.schema.prisma.to_catalog.catalog import prisma_catalog, prisma_views
from strongroom.adapters.schema.prisma.to_catalog.normalize_sql import normalize_by_server
from strongroom.domain.schema.catalog import Catalog, RelationKind

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
EMPTY = """
    DROP SCHEMA IF EXISTS public, one, two, shop, people, audit CASCADE;
    CREATE SCHEMA public;
    CREATE DOMAIN public.citext AS text; -- stands for the type of an extension that a small server lacks
"""


@pytest.fixture(scope="session")
def engine(node_modules: Path) -> Iterator[PrismaEngine]:
    """Prisma's migration engine."""
    with PrismaEngine(node_modules.parent / "engine.mjs") as engine:
        yield engine


@pytest.fixture(scope="session")
async def url(new_database: Callable[..., Awaitable[str]]) -> str:
    """A database that the tests of this module fill and empty."""
    return await new_database()


@pytest.fixture
async def connection(url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to it."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def created(
    engine: PrismaEngine, connection: "asyncpg.Connection[Any]", url: str, texts: Mapping[str, str]
) -> Catalog:
    """Return the catalog of an empty database after what Prisma's engine would run there."""
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query)["host"][0]
    port = parts.port or int(parse_qs(parts.query).get("port", ["5432"])[0])
    address = {"host": host, "port": port, "user": parts.username, "password": parts.password}
    script = engine.ask(files=list(texts.items()), database={**address, "database": parts.path.lstrip("/")})
    await connection.execute(EMPTY)
    await connection.execute("\n".join(line for line in script.split("\n") if not line.startswith("CREATE EXTENSION")))
    return await read_catalog(connection)


def comparable(catalog: Catalog) -> Catalog:
    """Return a catalog without what stands for extensions."""
    return Catalog(relations=catalog.relations, enums=catalog.enums, sequences=catalog.sequences)


@pytest.mark.parametrize("name", sorted(path.name for path in SCHEMAS.iterdir()))
async def test_the_engine_creates_what_we_expect(
    engine: PrismaEngine, connection: "asyncpg.Connection[Any]", url: str, name: str
) -> None:
    """Tables, columns, defaults, keys, indexes, foreign keys, enums and sequences are as the engine makes them."""
    path = SCHEMAS / name
    files = sorted(path.rglob("*.prisma")) if path.is_dir() else [path]
    texts = {str(file): file.read_text(encoding="utf-8") for file in files}
    schema = read_schema(texts)
    theirs = await created(engine, connection, url, texts)
    ours = prisma_catalog(schema, normalized=await normalize_by_server(connection, schema))
    assert ours == comparable(theirs)


@given(schema=schemas())
async def test_the_engine_creates_what_we_expect_of_any_schema(
    engine: PrismaEngine, connection: "asyncpg.Connection[Any]", url: str, schema: PrismaSchema
) -> None:
    """The same holds for schemas that nobody thought of."""
    theirs = await created(engine, connection, url, {"schema.prisma": format_schema(schema)})
    assert prisma_catalog(schema, normalized=await normalize_by_server(connection, schema)) == comparable(theirs)


async def test_sql_unknown_to_the_server_stays_unchanged(connection: "asyncpg.Connection[Any]") -> None:
    """A type of an absent extension, and an expression over it, keep the spelling of the schema."""
    text = (
        'datasource db {\n  provider = "postgresql"\n}\nmodel A {\n  id Int @id\n'
        '  a Unsupported("vector(3)") @default(dbgenerated("zeroes()"))\n}\n'
    )
    schema = read_schema({"schema.prisma": text})
    column = prisma_catalog(schema, normalized=await normalize_by_server(connection, schema)).relations[0].columns[1]
    assert (column.type, column.default) == ("vector(3)", "zeroes()")


def test_views_are_expected_of_others() -> None:
    """A view is no part of what Prisma creates; its columns, all of which may be null, are told apart."""
    schema = read_schema({"views.prisma": (SCHEMAS / "views.prisma").read_text(encoding="utf-8")})
    views = prisma_views(schema)
    assert [view.name for view in views] == ["user_info", "Anything", "Unknown"]
    assert {view.kind for view in views} == {RelationKind.VIEW}
    assert [column.type for column in views[0].columns] == ["integer", "text", "numeric(20,4)", "text[]"]
    assert not {view.name for view in views} & {relation.name for relation in prisma_catalog(schema).relations}


def test_the_schemas_of_a_datasource_are_known() -> None:
    """Where a schema lists PostgreSQL's schemas they are what has to be read."""
    files = {path.name: path.read_text(encoding="utf-8") for path in (SCHEMAS / "shop").rglob("*.prisma")}
    assert schemas_of(read_schema(files).datasource) == ("shop", "people", "audit")
