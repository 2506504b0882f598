"""Makes one schema of all its files: what each declares, names resolved, relations joined."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from strongroom.adapters.regular_files import read_regular_text
from strongroom.adapters.schema.prisma.syntax.errors import Position, PrismaSchemaError, SchemaProblem
from strongroom.adapters.schema.prisma.syntax.nodes import BlockKind, Document, Text
from strongroom.adapters.schema.prisma.syntax.parser import parse
from strongroom.domain.errors import StrongroomError

from .arguments import ProblemList
from .blocks import documented_blocks, read_enum, read_model
from .configuration import check_membership, read_configuration, read_datasource
from .fields import FieldContext
from .relation_resolver import RelationResolver
from .schema import Configuration, Enum, Field, Model, PrismaSchema, Relation, View
from .uniqueness import check_blocks, check_constraints, check_database_names
from .unresolved_model import UnresolvedModel

MAX_LENGTH: Final = 2**20
"""Of all files together: some twenty thousand lines, which are read in seconds."""


def read_schema(texts: Mapping[str, str]) -> PrismaSchema:
    """Return the schema of some files, given as their texts by the names that positions carry.

    Raises PrismaSchemaError with all problems of the first stage that finds any: syntax, declarations, relations; no
    more than 100, and for a schema of more than MAX_LENGTH characters.
    """
    if sum(map(len, texts.values())) > MAX_LENGTH:
        start = Position(next(iter(texts)), 1, 1)
        remedy = "Is this a schema? Leave out what is none."
        raise PrismaSchemaError([SchemaProblem(start, f"The schema has more than {MAX_LENGTH:,} characters.", remedy)])
    return resolve_schema([parse(text, name) for name, text in texts.items()])


def resolve_schema(documents: Sequence[Document]) -> PrismaSchema:
    """Return the schema that parsed files declare; raises PrismaSchemaError like ``read_schema``."""
    problems = ProblemList()
    blocks = [pair for document in documents for pair in documented_blocks(document.items)]
    check_blocks([block for block, _ in blocks], problems)
    datasource = read_datasource(blocks, documents, problems)
    generators = tuple(
        read_configuration(block, said, problems) for block, said in blocks if block.kind is BlockKind.GENERATOR
    )
    enums = {block.name: read_enum(block, said, problems) for block, said in blocks if block.kind is BlockKind.ENUM}
    modelled = [(block, said) for block, said in blocks if block.kind in {BlockKind.MODEL, BlockKind.VIEW}]
    names = FieldContext(
        models=frozenset(block.name for block, _ in modelled),
        enums=enums,
        datasource=datasource.name if datasource else "db",
        problems=problems,
    )
    drafts = {block.name: read_model(block, said, names) for block, said in modelled}
    check_database_names(drafts.values(), enums.values(), problems)
    if datasource is not None:
        check_membership(datasource, [*drafts.values(), *enums.values()], problems)
    if datasource is None or problems.found:
        raise PrismaSchemaError(problems.found)
    return _resolve_relations(datasource, generators, drafts, tuple(enums.values()), problems)


def _resolve_relations(
    datasource: Configuration,
    generators: tuple[Configuration, ...],
    unresolved: Mapping[str, UnresolvedModel],
    enums: tuple[Enum, ...],
    problems: ProblemList,
) -> PrismaSchema:
    foreign_keys = datasource.setting("relationMode") != Text("prisma")
    joining = RelationResolver(unresolved, problems, foreign_keys=foreign_keys)
    models = [_resolve_model(draft, joining) for draft in unresolved.values()]
    if not problems.found:
        check_constraints(models, problems)
    if problems.found:
        raise PrismaSchemaError(problems.found)
    return PrismaSchema(
        datasource=datasource,
        generators=generators,
        models=tuple(model for model in models if not isinstance(model, View)),
        views=tuple(model for model in models if isinstance(model, View)),
        enums=enums,
        many_to_many=tuple(sorted(joining.many_to_many, key=lambda pair: (pair.table, pair.model_a))),
        foreign_keys=foreign_keys,
    )


def _resolve_model(unresolved: UnresolvedModel, resolver: RelationResolver) -> Model:
    members: list[Field | Relation] = [
        member if isinstance(member, Field) else resolver.resolve(member) for member in unresolved.members
    ]
    return (View if unresolved.is_view else Model)(
        name=unresolved.name,
        table=unresolved.table,
        schema=unresolved.schema,
        members=tuple(members),
        primary_key=unresolved.primary_key,
        indexes=unresolved.indexes,
        ignored=unresolved.ignored,
        documentation=unresolved.documentation,
        position=unresolved.position,
    )


class PrismaFilesError(StrongroomError):
    """There is no schema at ``path``, or its text cannot be read; ``reason`` says which, and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")


def read_schema_files(path: Path) -> PrismaSchema:
    """Return the schema at a path: of one file, or of all files named *.prisma in a folder and its subfolders.

    Raises PrismaFilesError for a missing file and a file that is not UTF-8, and PrismaSchemaError as ``read_schema``.
    """
    files = [path] if path.is_file() else schema_files(path)
    if not files:
        raise PrismaFilesError(path, "there is no schema. Name a file, or a folder that holds *.prisma files.")
    return read_schema({str(file): _text(file) for file in files})


def schema_files(folder: Path) -> list[Path]:
    """Return the files of a schema in a folder and those under it, but for installed packages'; none for no folder."""
    found = sorted(folder.rglob("*.prisma")) if folder.is_dir() else []
    return [file for file in found if "node_modules" not in file.relative_to(folder).parts]


def _text(file: Path) -> str:
    try:
        return read_regular_text(file, "utf-8-sig")
    except UnicodeDecodeError as failure:
        raise PrismaFilesError(file, f"byte {failure.start} is not UTF-8. Save the file as UTF-8.") from None
    except OSError as failure:
        raise PrismaFilesError(file, f"{failure.strerror}. Make it readable.") from None


def find_prisma_schema(folder: Path) -> Path:
    """Return where the schema.prisma of a migrations folder lies: in it, beside it, or the folder itself."""
    for candidate in (
        folder / "schema.prisma",
        folder / "schema",
        folder.parent / "schema.prisma",
        folder.parent / "schema",
    ):
        if candidate.exists():
            return candidate
    return folder
