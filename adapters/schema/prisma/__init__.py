"""Prisma's side: schema.prisma as values, the catalog that it stands for, and back to text.

Reading follows Prisma's own parser and validation, for PostgreSQL. It is wider in what versions of Prisma differ in:
connection settings of the datasource and preview features are taken as they are, and whether PostgreSQL has an operator
class for an indexed type is left to PostgreSQL. It is narrower where Prisma lets a mistake pass: text after an opening
brace that is no comment, arguments of an indexed field that mean nothing, empty names.
"""

from .generate.schema_writer import format_schema
from .model.reader import PrismaFilesError, read_schema, read_schema_files, schema_files
from .model.schema import PrismaSchema
from .syntax.errors import Position, PrismaSchemaError, SchemaProblem
from .to_catalog.catalog import NormalizedSql, prisma_catalog, prisma_views
from .to_catalog.normalize_sql import create_enums, needs_server, normalize_by_server

__all__ = [
    "NormalizedSql",
    "Position",
    "PrismaFilesError",
    "PrismaSchema",
    "PrismaSchemaError",
    "SchemaProblem",
    "create_enums",
    "format_schema",
    "needs_server",
    "normalize_by_server",
    "prisma_catalog",
    "prisma_views",
    "read_schema",
    "read_schema_files",
    "schema_files",
]
