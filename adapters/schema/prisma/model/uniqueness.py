"""Check that no two blocks, tables, types or constraints share a name."""

from collections.abc import Iterable, Sequence

from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import Block, BlockKind

from .arguments import ProblemList
from .native_types import DEFAULTS
from .schema import Enum, Model, View
from .unresolved_model import UnresolvedModel

RESERVED_WORDS = (
    "PrismaClient break case catch class const continue debugger default delete do else enum export extends false"
    " finally for function if implements import in instanceof interface let new null package private protected public"
    " return super switch this throw true try typeof var void while with yield"
)
RESERVED = frozenset(RESERVED_WORDS.split())


def check_blocks(blocks: Sequence[Block], problems: ProblemList) -> None:
    """Report blocks that share a name, have a name that Prisma refuses, or are of a kind that PostgreSQL lacks."""
    seen: dict[tuple[str, str], Block] = {}
    for block in blocks:
        configures = block.kind in {BlockKind.GENERATOR, BlockKind.DATASOURCE}
        scope = (block.kind.value if configures else "", block.name)
        if scope in seen and block.kind is not BlockKind.DATASOURCE:
            problems.add(
                block.position,
                f"{block.name} is declared twice.",
                f"The other is at {seen[scope].position}; rename one.",
            )
        seen.setdefault(scope, block)
        if block.kind is BlockKind.TYPE:
            problems.add(
                block.position, f"PostgreSQL has no composite types in Prisma: {block.name}.", "Use a model, or Json."
            )
        elif not configures and (block.name in RESERVED or block.name in DEFAULTS):
            problems.add(block.position, f"The name {block.name} is taken.", "Choose another, and @@map it.")


def check_database_names(unresolved: Iterable[UnresolvedModel], enums: Iterable[Enum], problems: ProblemList) -> None:
    """Take note of tables and of enums that are one in the database."""
    tables = [(draft.schema, draft.table, draft.name, draft.position) for draft in unresolved]
    types = [(enum.schema, enum.type, enum.name, enum.position) for enum in enums]
    for kind, named in (("table", tables), ("type", types)):
        seen: dict[tuple[str | None, str], str] = {}
        for schema, name, block, position in named:
            if (schema, name) in seen:
                problems.add(
                    position, f"{seen[schema, name]} and {block} are both the {kind} {name}.", "Map one to another."
                )
            seen.setdefault((schema, name), block)


def check_constraints(models: Sequence[Model], problems: ProblemList) -> None:
    """Take note of constraints and indexes that share a name where PostgreSQL allows one.

    Indexes, keys included, are named apart within a schema, foreign keys from all others of their table.
    """
    indexes: dict[tuple[str | None, str], str] = {}
    for model in models:
        own = _indexes(model)
        for name, position in own:
            if (model.schema, name) in indexes:
                other = indexes[model.schema, name]
                _report_repeated(name, position, f"on {other}", problems)
            indexes.setdefault((model.schema, name), model.name)
        taken = {name for name, _ in own}
        for relation in model.relations:
            if relation.constraint in taken:
                _report_repeated(relation.constraint, relation.position, f"on {model.name}", problems)
            elif relation.constraint is not None:
                taken.add(relation.constraint)


def _indexes(model: Model) -> list[tuple[str, Position]]:
    if isinstance(model, View):
        return []
    key = [(model.primary_key.name, model.primary_key.position)] if model.primary_key else []
    return [*key, *((index.name, index.position) for index in model.indexes)]


def _report_repeated(name: str, position: Position, where: str, problems: ProblemList) -> None:
    problems.add(position, f"The name {name} stands {where} already.", 'Give one another by map: "…".')
