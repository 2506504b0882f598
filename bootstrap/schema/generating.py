"""Keeps the frontend's files in step with the others' tables: schema.prisma, prisma.config.ts, external.sql."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from strongroom.adapters.prisma import PrismaFilesError, PrismaSchemaError, read_schema_files, schema_files
from strongroom.adapters.prisma.generating import Line, ModelWriter
from strongroom.adapters.prisma.naming import Naming
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalogue import Catalogue, Relation
from strongroom.domain.schema.contract import Contract, ContractSide, Language
from strongroom.domain.schema.settling import settled

from .checking import prisma_path
from .project import Project
from .sources import Scratch, of_prisma

MARKER: Final = (
    "// The tables below belong to others: `strongroom schema prisma generate` writes everything from here on."
)
OTHERS: Final = "others.prisma"
CONFIG_HEAD: Final = "// Written by `strongroom schema prisma generate`:"
HEAD: Final = """generator client {
  provider        = "prisma-client"
  output          = "../generated/prisma"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}
"""
_BLOCK: Final = re.compile(r"^(?:///[^\n]*\n)*(?:model|view|enum)\s+(\w+)\s*\{\n.*?^\}\n?", re.MULTILINE | re.DOTALL)
_FIELD: Final = re.compile(r"^\s+(\w+)\s+(\w+)(\[\]|\?)?\s*(.*)$")
_SCALARS: Final = frozenset(
    ["String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes", "Unsupported"]
)


class NothingToGenerate(StrongroomError):
    """The contract names no side that Prisma is the language of."""


async def as_declared(project: Project, found: Catalogue, scratch: Scratch) -> Catalogue:
    """Return a catalogue with columns that change in steps in the form that schema.prisma has them in: it moves first.

    Raises NothingToGenerate, PrismaSchemaError.
    """
    side, place = _place(project)
    if not project.contract.changes or not place.exists():
        return found
    return settled(found, await of_prisma(place, scratch, side.schemas[0]), project.contract.changes)


def _place(project: Project) -> tuple[ContractSide, Path]:
    """Return the side whose language is Prisma, and its schema.prisma, or the folder of its files."""
    side = next((side for side in project.contract.sides if side.language is Language.PRISMA and side.migrations), None)
    if side is None:
        message = 'no side of the contract has migrations and language = "prisma": there is nothing to generate'
        raise NothingToGenerate(message)
    folder = project.folder / str(side.migrations)
    place = prisma_path(folder)
    return side, folder / "schema.prisma" if place == folder else place


def generated(project: Project, found: Catalogue) -> dict[Path, str]:
    """Return the files' new texts, of the side whose language is Prisma. Raises NothingToGenerate.

    None where nothing is others' and nothing of others has been written. Of a schema in several files each keeps what
    is its own, and the others' models are in one of them. A prisma.config.ts that somebody wrote is left alone: what is
    external stands in prisma.external.json beside it.
    """
    side, place = _place(project)
    own, others = _divided(project.contract, side, found)
    theirs = [*others, *(enum for enum in found.enums if project.contract.owner_of(enum.object) != side.name)]
    if not theirs and not _has_written(place):
        return {}
    texts = _schema_texts(place, found, own, others, _naming(place, side))
    beside = place if place.is_dir() else place.parent
    external = _external(found, own, others)
    config = beside / "prisma.config.ts"
    if config.is_file() and not config.read_text(encoding="utf-8").startswith(CONFIG_HEAD):
        texts[beside / "prisma.external.json"] = json.dumps(external, indent=2) + "\n"
    else:
        texts[config] = config_text(external, "." if place.is_dir() else place.name)
    return {**texts, beside / "external.sql": shadow_sql(found, own, others)}


def _has_written(place: Path) -> bool:
    """Say whether there is something to keep in step: models of others, or no schema at all yet."""
    files = schema_files(place) if place.is_dir() else [place] * place.is_file()
    return not files or any(MARKER in file.read_text(encoding="utf-8") for file in files)


def _naming(place: Path, side: ContractSide) -> Naming:
    """Return the names that the frontend has given; one whose schema.prisma cannot be read yet has given none."""
    try:
        return Naming(read_schema_files(place), side.schemas[0])
    except (PrismaFilesError, PrismaSchemaError):
        return Naming(default_schema=side.schemas[0])


def _schema_texts(
    place: Path, found: Catalogue, own: Sequence[Relation], others: Sequence[Relation], naming: Naming
) -> dict[Path, str]:
    """Return the texts of a schema: its own parts as they were (or made anew), the others' models below the marker."""
    writer = ModelWriter(found, [(relation.schema, relation.name) for relation in (*own, *others)], naming)
    own_enums = {enum.name for enum in found.enums if enum.name in _names_of_enums(own)}
    their_enums = [enum for enum in writer.enums() if enum.name not in own_enums]
    blocks = [*map(writer.block, others), *map(writer.enum_block, their_enums)]
    files = schema_files(place) if place.is_dir() else [place] * place.is_file()
    before = {file: file.read_text(encoding="utf-8") for file in files}
    last = next((file for file, text in before.items() if MARKER in text), place / OTHERS if place.is_dir() else place)
    if not before:
        mine = [writer.enum_block(enum) for enum in writer.enums() if enum.name in own_enums]
        texts = {last: "\n".join([HEAD, *map(writer.block, own), *mine])}
    else:
        wanted = {naming.model(relation.schema, relation.name): writer.relations(relation) for relation in own}
        theirs = {naming.model(relation.schema, relation.name) for relation in others}
        known = theirs | {*wanted} | {naming.enum(enum) for enum in found.enums} | _SCALARS
        gone = theirs | {naming.enum(enum) for enum in their_enums}
        texts = {file: _mended(text.partition(MARKER)[0], wanted, gone, known) for file, text in before.items()}
    head = texts.get(last, "").rstrip("\n")
    return {**texts, last: f"{head}\n\n{MARKER}\n\n".lstrip("\n") + "\n".join(blocks)}


def _external(found: Catalogue, own: Sequence[Relation], others: Sequence[Relation]) -> dict[str, list[str]]:
    """Return what Prisma's migrations leave to others, as its configuration names it."""
    return {
        "tables": [f"{relation.schema}.{relation.name}" for relation in others if relation.is_table],
        "enums": [f"{enum.schema}.{enum.name}" for enum in found.enums if enum.name not in _names_of_enums(own)],
    }


def config_text(external: dict[str, list[str]], schema: str) -> str:
    """Return a prisma.config.ts that leaves the others' tables and enumerations to them."""
    return f"""{CONFIG_HEAD} what is others' is external to Prisma's migrations.
import {{ readFileSync }} from "node:fs";
import {{ defineConfig }} from "prisma/config";

export default defineConfig({{
  schema: {json.dumps(schema)},
  datasource: {{ url: process.env.DATABASE_URL ?? "" }},
  experimental: {{ externalTables: true }},
  migrations: {{
    path: "migrations",
    initShadowDb: readFileSync(new URL("external.sql", import.meta.url), "utf8"),
  }},
  tables: {{
    external: {_listed(external["tables"])},
  }},
  enums: {{
    external: {_listed(external["enums"])},
  }},
}});
"""


def shadow_sql(found: Catalogue, own: Sequence[Relation], others: Sequence[Relation]) -> str:
    """Return what Prisma's shadow database needs of the others: their types and tables, without references.

    Enumerations that the frontend makes itself are text there: its own migrations come later.
    """
    mine = _names_of_enums(own)
    lines = ["-- Written by `strongroom schema prisma generate`, for Prisma's shadow database alone.", ""]
    for enum in found.enums:
        if enum.name not in mine:
            labels = ", ".join("'" + label.replace("'", "''") + "'" for label in enum.labels)
            lines.append(f'CREATE TYPE "{enum.schema}"."{enum.name}" AS ENUM ({labels});')
    for relation in others:
        if not relation.is_table:
            continue
        own_types = {f"{enum.schema}.{enum.name}" for enum in found.enums if enum.name in mine}
        columns = [
            f'"{column.name}" {"text" if column.type in own_types else column.type}'
            + ("" if column.nullable else " NOT NULL")
            for column in relation.columns
        ]
        if relation.primary_key:
            key = ", ".join(f'"{name}"' for name in relation.primary_key.columns)
            columns.append(f'CONSTRAINT "{relation.primary_key.name}" PRIMARY KEY ({key})')
        lines.append(f'CREATE TABLE "{relation.schema}"."{relation.name}" ({", ".join(columns)});')
    return "\n".join(lines) + "\n"


def _divided(contract: Contract, side: ContractSide, found: Catalogue) -> tuple[list[Relation], list[Relation]]:
    """Return the relations of a side, and those of others that it reads."""
    own, others = [], []
    for relation in found.relations:
        owner = contract.owner_of(relation.object)
        if owner == side.name:
            own.append(relation)
        elif owner is not None and contract.reading(side.name, relation.object).columns != ():
            others.append(relation)
    return own, others


def _names_of_enums(relations: Sequence[Relation]) -> set[str]:
    return {column.type.rpartition(".")[2] for relation in relations for column in relation.columns}


def _mended(text: str, wanted: dict[str, list[Line]], theirs: set[str], known: set[str]) -> str:
    """Return the frontend's own part: without the others' models, and with the fields that relations to them need."""

    def mend(block: re.Match[str]) -> str:
        if block[1] in theirs:
            return ""
        return _with_relations(block[0], wanted.get(block[1], []), theirs, known)

    mended = _BLOCK.sub(mend, text)
    return text if mended == text else re.sub(r"\n{3,}", "\n\n", mended)


def _with_relations(block: str, wanted: Sequence[Line], theirs: set[str], known: set[str]) -> str:
    lines = block.splitlines()
    kept = [line for line in lines if not ((field := _FIELD.match(line)) and field[2] not in known and field[3])]
    missing = [line for line in wanted if line.type.rstrip("?[]") in theirs and not _has(kept, line)]
    if not missing:
        return "\n".join(kept) + "\n"
    place = next((number for number, line in enumerate(kept) if line.strip().startswith("@@")), len(kept) - 1)
    while place > 1 and not kept[place - 1].strip():
        place -= 1
    new = [f"  {line.name} {line.type} {line.attributes}".rstrip() for line in missing]
    return "\n".join([*kept[:place], *new, *kept[place:]]) + "\n"


def _has(lines: Sequence[str], wanted: Line) -> bool:
    """Say whether a block has the relation that a field stands for: by its model, and its name where it has one."""
    name = re.search(r'@relation\((?:name: )?("[^"]*")', wanted.attributes)
    for line in lines:
        field = _FIELD.match(line)
        if field and field[2] == wanted.type.rstrip("?[]") and (name is None or name[1] in field[4]):
            return True
    return False


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "[]"
    return "[\n" + "".join(f"      {json.dumps(name)},\n" for name in names) + "    ]"
