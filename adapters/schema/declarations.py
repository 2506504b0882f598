"""Read what the sides of a contract declare, each in its language."""

from pathlib import Path

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.entities.catalog import read_entity_schema
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.prisma.model.reader import find_prisma_schema
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import Declaration
from strongroom.domain.schema.contract import Contract, Language
from strongroom.domain.schema.findings import DeclaredSchema
from strongroom.ports.schema.errors import SourceInvalid


async def read_declarations(
    contract: Contract, base: Path, scratch: ScratchServer, model: Model = PLATFORM
) -> list[Declaration]:
    """Return what the sides' languages declare. Raises PrismaSchemaError, StorageUnavailable.

    The entities are those of a model: a side with the name of an extension declares its tables, another one of the same
    language all that no such side does.

    Raises SourceInvalid for models in a schema that no side of the contract lives in: nobody would look at them.
    """
    found = []
    for side in contract.sides:
        if side.language is Language.PRISMA and side.migrations is not None:
            path = find_prisma_schema(base / side.migrations)
            truth = DeclaredSchema(
                str(path.relative_to(base)) if path.is_relative_to(base) else str(path), side.name, side.language
            )
            catalog = await read_prisma_schema(path, scratch, side.schemas[0])
            _require_known_schemas(contract, truth, catalog)
            found.append(Declaration(truth, catalog))
        elif side.language is Language.STRONGROOM:
            truth = DeclaredSchema("the entities", side.name, side.language)
            whole = await read_entity_schema(scratch, side.schemas[0], model)
            found.append(Declaration(truth, _part_of_side(whole, contract, side.name, model)))
    return found


def _part_of_side(whole: Catalog, contract: Contract, side: str, model: Model) -> Catalog:
    """Return the part of the entities' catalog that a side declares."""
    sides = {one.name for one in contract.sides}
    extensions = {one.name: {table.name for table in one.tables} for one in model.extensions if one.name in sides}
    others = {name for one, names in extensions.items() if one != side for name in names}
    tables = extensions.get(side) or {table.name for table in model.entities} - others
    enums = {column.enum_name for name in tables for column in model.table_named(name).columns}
    return Catalog(
        relations=tuple(part for part in whole.relations if part.name in tables),
        enums=tuple(part for part in whole.enums if part.name in enums),
        types=whole.types,
    )


def _require_known_schemas(contract: Contract, declared: DeclaredSchema, catalog: Catalog) -> None:
    named = {part.schema for part in catalog.relations} | {part.schema for part in catalog.enums}
    unknown = sorted(named.difference(contract.schemas))
    if unknown:
        listed = ", ".join(f'"{name}"' for name in sorted(named))
        message = (
            f"{declared.name} declares models in {', '.join(unknown)}, where no side of the contract lives: "
            f"write schemas = [{listed}] under [sides.{declared.side}]"
        )
        raise SourceInvalid(message)
