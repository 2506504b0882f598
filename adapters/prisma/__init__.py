"""Prisma's side: schema.prisma as values, the catalogue that it stands for, and back to text.

Reading follows Prisma's own parser and validation, for PostgreSQL. It is wider in what versions of Prisma differ in:
connection settings of the datasource and preview features are taken as they are, and whether PostgreSQL has an operator
class for an indexed type is left to PostgreSQL. It is narrower where Prisma lets a mistake pass: text after an opening
brace that is no comment, arguments of an indexed field that mean nothing, empty names.
"""

from .catalogue import Spelling, catalogue_of, views_of
from .errors import Position, PrismaSchemaError, Problem
from .files import PrismaFilesError, read_schema_files, schema_files
from .reading import read_schema
from .schema import PrismaSchema
from .spelling import create_enums, needs_server, server_spelling
from .writing import printed_schema

__all__ = [
    "Position",
    "PrismaFilesError",
    "PrismaSchema",
    "PrismaSchemaError",
    "Problem",
    "Spelling",
    "catalogue_of",
    "create_enums",
    "needs_server",
    "printed_schema",
    "read_schema",
    "read_schema_files",
    "schema_files",
    "server_spelling",
    "views_of",
]
