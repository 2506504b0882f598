"""Read what the sides of a contract declare, each in its language."""

from pathlib import Path

from strongroom.adapters.schema.entities.catalog import read_entity_schema
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.prisma.model.files import find_prisma_schema
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import Declaration
from strongroom.domain.schema.contract import Contract, Language
from strongroom.domain.schema.findings import DeclaredSchema
from strongroom.ports.schema.errors import SourceInvalid


async def read_declarations(contract: Contract, base: Path, scratch: ScratchServer) -> list[Declaration]:
    """Return what the sides' languages declare. Raises PrismaSchemaError, StorageUnavailable.

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
            found.append(Declaration(truth, await read_entity_schema(scratch, side.schemas[0])))
    return found


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
