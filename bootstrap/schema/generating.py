"""Keeps the frontend's files in step with the others' tables: schema.prisma, prisma.config.ts, external.sql."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from strongroom.adapters.prisma.generating import Line, ModelWriter, enum_block, model_name
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
HEAD: Final = """generator client {
  provider        = "prisma-client"
  output          = "../generated/prisma"
  previewFeatures = ["views"]
}

datasource db {
  provider = "postgresql"
}
"""
_BLOCK: Final = re.compile(r"^(?:model|view|enum)\s+(\w+)\s*\{\n.*?^\}\n?", re.MULTILINE | re.DOTALL)
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
    side, schema = _place(project)
    if not project.contract.changes or not schema.is_file():
        return found
    declared = await of_prisma(prisma_path(project.folder / str(side.migrations)), scratch, side.schemas[0])
    return settled(found, declared, project.contract.changes)


def _place(project: Project) -> tuple[ContractSide, Path]:
    side = next((side for side in project.contract.sides if side.language is Language.PRISMA and side.migrations), None)
    if side is None:
        message = 'no side of the contract has migrations and language = "prisma": there is nothing to generate'
        raise NothingToGenerate(message)
    folder = project.folder / str(side.migrations)
    place = prisma_path(folder)
    return side, place if place.suffix == ".prisma" else folder / "schema.prisma"


def generated(project: Project, found: Catalogue) -> dict[Path, str]:
    """Return the files' new texts, of the side whose language is Prisma. Raises NothingToGenerate."""
    side, schema = _place(project)
    existing = schema.read_text(encoding="utf-8") if schema.is_file() else None
    own, others = _divided(project.contract, side, found)
    return {
        schema: schema_text(existing, found, own, others),
        schema.parent / "external.sql": shadow_sql(found, own, others),
        schema.parent / "prisma.config.ts": config_text(found, own, others),
    }


def schema_text(existing: str | None, found: Catalogue, own: Sequence[Relation], others: Sequence[Relation]) -> str:
    """Return a schema.prisma: its own part as it was (or made anew), and the others' models below the marker."""
    writer = ModelWriter(found, [(relation.schema, relation.name) for relation in (*own, *others)])
    own_enums = {enum.name for enum in found.enums if enum.name in _names_of_enums(own)}
    blocks = [writer.block(relation) for relation in others]
    blocks += [enum_block(enum) for enum in writer.enums() if enum.name not in own_enums]
    if existing is None:
        mine = [writer.block(relation) for relation in own]
        mine += [enum_block(enum) for enum in writer.enums() if enum.name in own_enums]
        before = "\n".join([HEAD, *mine])
    else:
        wanted = {model_name(relation.name): writer.relations(relation) for relation in own}
        known = {model_name(relation.name) for relation in (*own, *others)}
        known |= {model_name(enum.name) for enum in found.enums} | _SCALARS
        theirs = {model_name(relation.name) for relation in others}
        before = _mended(existing.partition(MARKER)[0], wanted, theirs, known)
    return before.rstrip("\n") + f"\n\n{MARKER}\n\n" + "\n".join(blocks)


def config_text(found: Catalogue, own: Sequence[Relation], others: Sequence[Relation]) -> str:
    """Return a prisma.config.ts that leaves the others' tables and enumerations to them."""
    tables = [f"{relation.schema}.{relation.name}" for relation in others if relation.is_table]
    enums = [f"{enum.schema}.{enum.name}" for enum in found.enums if enum.name not in _names_of_enums(own)]
    return f"""// Written by `strongroom schema prisma generate`: what is others' is external to Prisma's migrations.
import {{ readFileSync }} from "node:fs";
import {{ defineConfig }} from "prisma/config";

export default defineConfig({{
  schema: "schema.prisma",
  datasource: {{ url: process.env.DATABASE_URL ?? "" }},
  experimental: {{ externalTables: true }},
  migrations: {{
    path: "migrations",
    initShadowDb: readFileSync(new URL("external.sql", import.meta.url), "utf8"),
  }},
  tables: {{
    external: {_listed(tables)},
  }},
  enums: {{
    external: {_listed(enums)},
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

    return re.sub(r"\n{3,}", "\n\n", _BLOCK.sub(mend, text))


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
