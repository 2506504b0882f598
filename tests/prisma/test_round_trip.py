"""A schema that is printed and read again is the same."""

from hypothesis import given
from support.prisma_relations import schemas

from strongroom.adapters.prisma.reading import read_schema
from strongroom.adapters.prisma.schema import PrismaSchema
from strongroom.adapters.prisma.writing import printed_schema


@given(schemas())
def test_what_is_printed_is_read_again_as_it_was(schema: PrismaSchema) -> None:
    """Reading the text of any schema gives that schema."""
    assert read_schema({"schema.prisma": printed_schema(schema)}) == schema
