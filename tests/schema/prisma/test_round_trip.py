"""A schema that is printed and read again is the same."""

from hypothesis import given
from support.schema.prisma_relations import schemas

from strongroom.adapters.schema.prisma.generate.schema_writer import format_schema
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.model.schema import PrismaSchema
from strongroom.testing.contract.property_settings import few


@few(20)
@given(schemas())
def test_formatted_schemas_parse_to_the_same_schema(schema: PrismaSchema) -> None:
    """Reading the text of any schema gives that schema."""
    assert read_schema({"schema.prisma": format_schema(schema)}) == schema
