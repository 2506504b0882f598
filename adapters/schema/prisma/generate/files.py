"""Keeps the frontend's files in step with the others' tables: schema.prisma, prisma.config.ts, external.sql."""

import json
import re
from collections.abc import Container, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.adapters.regular_files import read_regular_text
from strongroom.adapters.schema.check import find_prisma_schema
from strongroom.adapters.schema.prisma import PrismaFilesError, PrismaSchemaError, read_schema_files, schema_files
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.adapters.schema.project import Project
from strongroom.adapters.schema.sources import ScratchServer, read_prisma_schema
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.contract import Contract, ContractSide, Language
from strongroom.domain.schema.standalone_objects import EnumType
from strongroom.domain.schema.transition import project_onto

from .model_writer import ModelLine, ModelWriter
from .naming import Naming

MARKER: Final = (
    "// The tables below belong to others: `strongroom schema prisma generate` writes everything from here on."
)
OTHERS_FILE: Final = "others.prisma"
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
_BLOCK: Final = re.compile(r"(?:model|view|enum)\s+(\w+)\s*\{\n")
_FIELD: Final = re.compile(r"\s+(\w+)\s+(\w+)(\[\]|\?)?")
_DOMAIN: Final = re.compile(r"DOMAIN (.+?)(?: NOT NULL| DEFAULT .*| CHECK .*)?$", re.DOTALL)
_BUILT_IN: Final = re.compile(r"[a-z][a-z0-9_ ]*(?:\([\d,]+\)[a-z ]*)?")
_SCALARS: Final = frozenset(
    ["String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes", "Unsupported"]
)


class NothingToGenerate(StrongroomError):
    """The contract names no side that Prisma is the language of."""


async def project_for_prisma(project: Project, found: Catalog, scratch: ScratchServer) -> Catalog:
    """Return a catalog with columns that change in steps in the form that schema.prisma has them in: it moves first.

    Raises NothingToGenerate, PrismaSchemaError.
    """
    side, place = _prisma_side(project)
    if not project.contract.changes or not place.exists():
        return found
    return project_onto(found, await read_prisma_schema(place, scratch, side.schemas[0]), project.contract.changes)


def _prisma_side(project: Project) -> tuple[ContractSide, Path]:
    """Return the side whose language is Prisma, and its schema.prisma, or the folder of its files."""
    side = next((side for side in project.contract.sides if side.language is Language.PRISMA and side.migrations), None)
    if side is None:
        message = 'no side of the contract has migrations and language = "prisma": there is nothing to generate'
        raise NothingToGenerate(message)
    folder = project.folder / str(side.migrations)
    place = find_prisma_schema(folder)
    return side, folder / "schema.prisma" if place == folder else place


def generate_files(project: Project, found: Catalog) -> dict[Path, str]:
    """Return the files' new texts, of the side whose language is Prisma. Raises NothingToGenerate.

    None where nothing is others' and nothing of others has been written. Of a schema in several files each keeps what
    is its own, and the others' models are in one of them. A prisma.config.ts that somebody wrote is left alone: what is
    external stands in prisma.external.json beside it.
    """
    side, place = _prisma_side(project)
    naming = _naming(place, side, found)
    own, others = _split_by_owner(project.contract, side, found, naming)
    mine = {enum for enum in found.enums if _is_own(project.contract, side, enum, own)}
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


def _has_generated_models(place: Path) -> bool:
    """Say whether there is something to keep in step: models of others, or no schema at all yet."""
    files = schema_files(place) if place.is_dir() else [place] * place.is_file()
    return not files or any(MARKER in read_regular_text(file) for file in files)


def _is_own(contract: Contract, side: ContractSide, enum: EnumType, own: Sequence[Relation]) -> bool:
    """Say whether an enumeration is a side's: by the contract, else because its tables hold it."""
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
    """Return the texts of a schema: its own parts as they were (or made anew), the others' models below the marker."""
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
        texts = {file: _fix_own_models(text.partition(MARKER)[0], wanted, gone, known) for file, text in before.items()}
    head = texts.get(last, "").rstrip("\n")
    return {**texts, last: f"{head}\n\n{MARKER}\n\n".lstrip("\n") + "\n".join(blocks)}


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
    external: {_quote_list(external["tables"])},
  }},
  enums: {{
    external: {_quote_list(external["enums"])},
  }},
}});
"""


def shadow_sql(found: Catalog, others: Sequence[Relation], mine: Container[EnumType]) -> str:
    """Return what Prisma's shadow database needs of the others: their types and tables, without references.

    Enumerations that the frontend makes itself are text there: its own migrations come later. So is what no server has
    by itself; a domain is what it stands on.
    """
    theirs = {
        f"{quote_if_needed(enum.schema)}.{quote_if_needed(enum.name)}": enum for enum in found.enums if enum not in mine
    }
    domains = {
        f"{quote_if_needed(part.schema)}.{quote_if_needed(part.name)}": match[1]
        for part in found.types
        if (match := _DOMAIN.match(part.definition))
    }

    def spelled(kind: str) -> str:
        single, lists = kind.removesuffix("[]"), "[]" * kind.endswith("[]")
        while single in domains:
            single = domains[single]
        return (single if single in theirs or _BUILT_IN.fullmatch(single) else "text") + lists

    tables = [relation for relation in others if relation.is_table]
    held = {column.type.removesuffix("[]") for relation in tables for column in relation.columns}
    within = {relation.schema for relation in tables}
    enums = {name: enum for name, enum in theirs.items() if name in held or enum.schema in within}
    schemas = sorted((within | {enum.schema for enum in enums.values()}) - {"public"})
    lines = ["-- Written by `strongroom schema prisma generate`, for Prisma's shadow database alone.", ""]
    lines += [f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(schema)};" for schema in schemas]
    for enum in enums.values():
        labels = ", ".join(quote_literal(label) for label in enum.labels)
        lines.append(f"CREATE TYPE {quote_identifier(enum.schema, enum.name)} AS ENUM ({labels});")
    for relation in tables:
        columns = [
            f"{quote_identifier(column.name)} {spelled(column.type)}" + ("" if column.nullable else " NOT NULL")
            for column in relation.columns
        ]
        if relation.primary_key:
            key = ", ".join(map(quote_identifier, relation.primary_key.columns))
            columns.append(f"CONSTRAINT {quote_identifier(relation.primary_key.name)} PRIMARY KEY ({key})")
        lines.append(f"CREATE TABLE {quote_identifier(relation.schema, relation.name)} ({', '.join(columns)});")
    return "\n".join(lines) + "\n"


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


def _fix_own_models(text: str, wanted: dict[str, list[ModelLine]], theirs: set[str], known: set[str]) -> str:
    """Return the frontend's own part: without the others' models, and with the fields that relations to them need."""

    def mend(block: str, name: str | None) -> str:
        if name is None:
            return block
        return "" if name in theirs else _add_relations(block, wanted.get(name, []), theirs, known)

    mended = "".join(mend(part, name) for part, name in _parts(text))
    return text if mended == text else re.sub(r"\n{3,}", "\n\n", mended)


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Yield the blocks of models, views and enums with their names, each with the comments above it, and the rest."""
    before: list[str] = []
    block: list[str] = []
    name = None
    for line in StringIO(text):
        opening = _BLOCK.fullmatch(line) if not block else None
        if block and line.startswith("}"):
            rest = line[1:] if line != "}\n" else ""
            yield "".join(block) + line.removesuffix(rest), name
            before, block = [rest], []
        elif opening is not None:
            above = len(before)
            while above and before[above - 1].startswith("///"):
                above -= 1
            yield "".join(before[:above]), None
            before, block, name = [], [*before[above:], line], opening[1]
        else:
            (block or before).append(line)
    yield "".join([*before, *block]), None


def _add_relations(block: str, wanted: Sequence[ModelLine], theirs: set[str], known: set[str]) -> str:
    lines = block.splitlines()
    kept = [line for line in lines if not ((field := _FIELD.match(line)) and field[2] not in known and field[3])]
    missing = [line for line in wanted if line.type.rstrip("?[]") in theirs and not _has_relation(kept, line)]
    if not missing:
        return "\n".join(kept) + "\n"
    place = next((number for number, line in enumerate(kept) if line.strip().startswith("@@")), len(kept) - 1)
    while place > 1 and not kept[place - 1].strip():
        place -= 1
    new = [f"  {line.name} {line.type} {line.attributes}".rstrip() for line in missing]
    return "\n".join([*kept[:place], *new, *kept[place:]]) + "\n"


def _has_relation(lines: Sequence[str], wanted: ModelLine) -> bool:
    """Say whether a block has the relation that a field stands for: by its model, and its name where it has one."""
    name = re.search(r'@relation\((?:name: )?("[^"]*")', wanted.attributes)
    for line in lines:
        field = _FIELD.match(line)
        if field and field[2] == wanted.type.rstrip("?[]") and (name is None or name[1] in line[field.end() :]):
            return True
    return False


def _quote_list(names: Sequence[str]) -> str:
    if not names:
        return "[]"
    return "[\n" + "".join(f"      {json.dumps(name)},\n" for name in names) + "    ]"
