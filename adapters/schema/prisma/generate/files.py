"""Keep the frontend's files in sync with the other sides' tables: schema.prisma, prisma.config.ts, external.sql."""

import json
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.adapters.regular_files import read_regular_text
from strongroom.adapters.schema.prisma import PrismaFilesError, PrismaSchemaError, read_schema_files, schema_files
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.prisma.model.reader import find_prisma_schema
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.contract import Contract, ContractSide, Language
from strongroom.domain.schema.standalone_objects import EnumType

from .config import CONFIG_HEAD, config_text
from .external_sql import shadow_sql
from .model_writer import ModelWriter
from .naming import Naming
from .own_models import with_relations_to_others

MARKER: Final = (
    "// The tables below belong to others: `strongroom schema prisma generate` writes everything from here on."
)
OTHERS_FILE: Final = "others.prisma"
HEAD: Final = """generator client {
  provider        = "prisma-client"
  output          = "../generated/prisma"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}
"""
_SCALARS: Final = frozenset(
    ["String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes", "Unsupported"]
)


class NothingToGenerate(StrongroomError):
    """The contract names no side that Prisma is the language of."""


@frozen
class PrismaFrontend:
    """The files of the side whose language is Prisma: schema.prisma, prisma.config.ts and external.sql."""

    contract: Contract
    folder: Path
    scratch: ScratchServer

    async def read_declared(self) -> Catalog | None:
        """Return what schema.prisma declares today; None if it does not exist.

        Raises NothingToGenerate, PrismaSchemaError.
        """
        side, place = self._side()
        return await read_prisma_schema(place, self.scratch, side.schemas[0]) if place.exists() else None

    def texts(self, found: Catalog) -> dict[Path, str]:
        """Return the files' new texts. Raises NothingToGenerate.

        Empty if no table is others' and none of others' has been written. Of a schema in several files each keeps its
        own models, and the others' models are in one of them. A prisma.config.ts that somebody wrote is left alone:
        what is external stands in prisma.external.json beside it.
        """
        side, place = self._side()
        naming = _naming(place, side, found)
        own, others = _split_by_owner(self.contract, side, found, naming)
        mine = {enum for enum in found.enums if _is_own(self.contract, side, enum, own)}
        if not others and len(mine) == len(found.enums) and not _has_generated_models(place):
            return {}
        texts = _schema_texts(place, found, own, others, naming, mine)
        beside = place if place.is_dir() else place.parent
        external = {
            "tables": [f"{relation.schema}.{relation.name}" for relation in others if relation.is_table],
            "enums": [
                f"{enum.schema}.{enum.name}" for enum in found.enums if enum not in mine and naming.sees(enum.schema)
            ],
        }
        config = beside / "prisma.config.ts"
        if config.is_file() and not read_regular_text(config).startswith(CONFIG_HEAD):
            texts[beside / "prisma.external.json"] = json.dumps(external, indent=2) + "\n"
        else:
            texts[config] = config_text(external, "." if place.is_dir() else place.name)
        return {**texts, beside / "external.sql": shadow_sql(found, others, mine)}

    def _side(self) -> tuple[ContractSide, Path]:
        """Return the side whose language is Prisma, and its schema.prisma, or the folder of its files."""
        sides = (side for side in self.contract.sides if side.language is Language.PRISMA and side.migrations)
        side = next(sides, None)
        if side is None:
            message = 'no side of the contract has migrations and language = "prisma": there is nothing to generate'
            raise NothingToGenerate(message)
        folder = self.folder / str(side.migrations)
        place = find_prisma_schema(folder)
        return side, folder / "schema.prisma" if place == folder else place


def _has_generated_models(place: Path) -> bool:
    """Return whether there is anything to keep in sync: other sides' models, or no schema yet."""
    files = schema_files(place) if place.is_dir() else [place] * place.is_file()
    return not files or any(MARKER in read_regular_text(file) for file in files)


def _is_own(contract: Contract, side: ContractSide, enum: EnumType, own: Sequence[Relation]) -> bool:
    """Return whether an enumeration is a side's: by the contract, else because its tables hold it."""
    owners = contract.owners_of(enum.object)
    if len(owners) == 1:
        return owners[0] == side.name
    name = f"{quote_if_needed(enum.schema)}.{quote_if_needed(enum.name)}"
    return any(column.type.removesuffix("[]") == name for relation in own for column in relation.columns)


def _naming(place: Path, side: ContractSide, found: Catalog) -> Naming:
    """Return the names that the frontend has given; one whose schema.prisma cannot be read yet has given none."""
    try:
        return Naming(read_schema_files(place), side.schemas[0], found)
    except (PrismaFilesError, PrismaSchemaError):
        return Naming(default_schema=side.schemas[0], catalog=found)


def _schema_texts(  # noqa: PLR0913 - what is made of what
    place: Path,
    found: Catalog,
    own: Sequence[Relation],
    others: Sequence[Relation],
    naming: Naming,
    own_enums: Container[EnumType],
) -> dict[Path, str]:
    """Return the texts of a schema: its own parts unchanged (or new), the other sides' models below the marker."""
    writer = ModelWriter(found, [(relation.schema, relation.name) for relation in (*own, *others)], naming)
    their_enums = [enum for enum in writer.enums() if enum not in own_enums]
    blocks = [*map(writer.block, others), *map(writer.enum_block, their_enums)]
    files = schema_files(place) if place.is_dir() else [place] * place.is_file()
    before = {file: read_regular_text(file) for file in files}
    last = next(
        (file for file, text in before.items() if MARKER in text), place / OTHERS_FILE if place.is_dir() else place
    )
    if not before:
        mine = [writer.enum_block(enum) for enum in writer.enums() if enum in own_enums]
        texts = {last: "\n".join([HEAD, *map(writer.block, own), *mine])}
    else:
        wanted = {naming.model(relation.schema, relation.name): writer.relations(relation) for relation in own}
        theirs = {naming.model(relation.schema, relation.name) for relation in others}
        known = theirs | {*wanted} | {naming.enum(enum) for enum in found.enums} | _SCALARS
        gone = theirs | {naming.enum(enum) for enum in their_enums}
        texts = {
            file: with_relations_to_others(text.partition(MARKER)[0], wanted, gone, known)
            for file, text in before.items()
        }
    head = texts.get(last, "").rstrip("\n")
    return {**texts, last: f"{head}\n\n{MARKER}\n\n".lstrip("\n") + "\n".join(blocks)}


def _split_by_owner(
    contract: Contract, side: ContractSide, found: Catalog, naming: Naming
) -> tuple[list[Relation], list[Relation]]:
    """Return the relations of a side, and those of others that it reads, in the schemas that Prisma looks at."""
    own, others = [], []
    for relation in found.relations:
        owner = contract.owner_of(relation.object)
        if not naming.sees(relation.schema):
            continue
        if owner == side.name:
            own.append(relation)
        elif owner is not None and contract.reading(side.name, relation.object).columns != ():
            others.append(relation)
    return own, others
