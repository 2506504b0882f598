"""What Prisma can see of a database, so that a comparison says nothing of the rest."""

from collections.abc import Container
from typing import Final

from attrs import evolve

from strongroom.domain.schema.catalogue import Catalogue, Column, Index, Relation, RelationKind, find
from strongroom.domain.schema.comparison import Aspect, Blind

from .generating import is_sayable

BLIND: Final[Blind] = frozenset(
    {
        Aspect.CHECK,
        Aspect.COLLATION,
        Aspect.DEFINITION,
        Aspect.EXCLUSION,
        Aspect.GENERATED,
        Aspect.IDENTITY,
        Aspect.INHERITANCE,
        Aspect.PARTITIONING,
        Aspect.POLICY,
        Aspect.ROW_SECURITY,
        Aspect.RULE,
        Aspect.TRIGGER,
    }
)
"""Of these schema.prisma says nothing, or less than the database."""


_NOW: Final = frozenset({"now()", "CURRENT_TIMESTAMP"})
"""Two ways of writing one default, of which schema.prisma knows one."""


def seen(found: Catalogue, expected: Catalogue) -> Catalogue:
    """Return a catalogue as Prisma sees it, next to what a schema.prisma declares.

    A partitioned table is a table. An index that Prisma cannot declare is not seen; where one of its name is declared,
    it is seen without what Prisma cannot say. What a column computes looks like a default; a list that may be null
    looks like one that may not; a foreign key to a table that has no model is not seen.
    """
    relations = [
        _seen(relation, expected.by_name.get((relation.schema, relation.name)), expected.by_name.keys())
        for relation in found.relations
    ]
    return Catalogue(relations=tuple(relations), enums=found.enums, extensions=found.extensions)


def _seen(relation: Relation, declared: Relation | None, models: Container[tuple[str, str]]) -> Relation:
    mine_by_name = {index.name: index for index in declared.indexes} if declared else {}
    indexes = (
        evolve(index, deferrable=False) if is_sayable(index) else _as_declared(index, mine_by_name[index.name])
        for index in relation.indexes
        if is_sayable(index) or index.name in mine_by_name
    )
    columns = []
    for column in relation.columns:
        mine = find(declared.columns, column.name) if declared else None
        columns.append(_column(column, mine))
    named = {key.name for key in declared.foreign_keys} if declared else set()
    keys = (
        evolve(key, deferrable=False, initially_deferred=False, match_full=False, validated=True, on_delete_columns=())
        for key in relation.foreign_keys
        if declared is None or key.name in named or (key.target_schema, key.target) in models
    )
    key = relation.primary_key and evolve(relation.primary_key, deferrable=False)
    kind = RelationKind.TABLE if relation.kind is RelationKind.PARTITIONED else relation.kind
    return evolve(
        relation, kind=kind, primary_key=key, indexes=tuple(indexes), columns=tuple(columns), foreign_keys=tuple(keys)
    )


def _column(column: Column, declared: Column | None) -> Column:
    default, nullable = column.default, column.nullable
    if column.generated is not None or column.identity is not None:
        default = declared.default if declared else None
    if declared is not None:
        if default in _NOW and declared.default in _NOW:
            default = declared.default
        if column.type.endswith("[]"):
            nullable = declared.nullable
    return evolve(column, default=default, nullable=nullable)


def _as_declared(index: Index, declared: Index) -> Index:
    """Return an index without what Prisma cannot say; a condition counts where one is declared."""
    predicate = index.predicate if declared.predicate is not None else None
    return evolve(index, include=(), predicate=predicate, nulls_not_distinct=False, deferrable=False)
