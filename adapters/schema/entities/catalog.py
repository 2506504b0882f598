"""Read what a model's entities declare, as the catalog in which PostgreSQL would hold it."""

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.contract import Contract, Language
from strongroom.domain.schema.page import Areas, areas_by_name

from .ddl import declared_schema_sql


async def read_entity_schema(scratch: ScratchServer, schema: str = "public", model: Model = PLATFORM) -> Catalog:
    """Return what a model's entities declare: their tables as PostgreSQL holds them, without the functions' bodies."""
    async with scratch.connection() as connection:
        async with connection.transaction():
            for statement in declared_schema_sql(schema, model):
                if schema != "public" or not statement.startswith("CREATE SCHEMA"):
                    await connection.execute(statement)
        found = await read_catalog(connection, [schema])
    return Catalog(relations=found.relations, enums=found.enums, types=found.types)


def areas_of(contract: Contract, found: Catalog) -> Areas:
    """Return the tables' areas: the domain's folders where a side's code is the entities, else those of the names."""
    side = next((side for side in contract.sides if side.language is Language.STRONGROOM), None)
    if side is None:
        return areas_by_name(found)
    return {(side.schemas[0], table.name): table.entity.__module__.split(".")[2] for table in PLATFORM.entities}
