"""Read what a schema.prisma declares, as the catalog in which PostgreSQL would hold it."""

from pathlib import Path

from strongroom.adapters.schema.prisma.model.reader import read_schema_files
from strongroom.adapters.schema.prisma.to_catalog.catalog import prisma_catalog
from strongroom.adapters.schema.prisma.to_catalog.normalize_sql import create_enums, needs_server, normalize_by_server
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog


async def read_prisma_schema(path: Path, scratch: ScratchServer, default_schema: str = "public") -> Catalog:
    """Return what a schema.prisma, or a folder of them, declares. Raises PrismaSchemaError, PrismaFilesError.

    SQL within it (dbgenerated, Unsupported, conditions of indexes) is written as a server writes it.
    """
    schema = read_schema_files(path)
    declared = prisma_catalog(schema, default_schema)
    if not needs_server(schema):
        return declared
    async with scratch.reader(lambda connection: create_enums(connection, schema, default_schema)) as connection:
        return prisma_catalog(schema, default_schema, await normalize_by_server(connection, schema, default_schema))
