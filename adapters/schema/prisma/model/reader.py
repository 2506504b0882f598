"""Makes one schema of all its files: what each declares, names resolved, relations joined."""

from collections.abc import Mapping, Sequence
from typing import Final

from strongroom.adapters.schema.prisma.errors import Position, PrismaSchemaError, SchemaProblem
from strongroom.adapters.schema.prisma.syntax.documentation import documented_blocks
from strongroom.adapters.schema.prisma.syntax.nodes import BlockKind, Document, Text
from strongroom.adapters.schema.prisma.syntax.parser import parse

from .arguments import ProblemList
from .blocks import read_enum, read_model
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
