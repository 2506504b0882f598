"""Reduce a catalog to what a language can declare, so that a comparison leaves out the rest."""

import re
from collections.abc import Container, Mapping
from typing import Final

from attrs import evolve

from .catalog import (
    Catalog,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Relation,
    RelationKind,
    find,
)
from .comparison import Aspect, IgnoredAspects
from .contract import Language
from .default_equivalence import are_equivalent_defaults
from .standalone_objects import DomainType

IGNORED_BY_PRISMA: Final[IgnoredAspects] = frozenset(
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
IGNORED_BY: Final[Mapping[Language, IgnoredAspects]] = {
    Language.PRISMA: IGNORED_BY_PRISMA,
    Language.STRONGROOM: frozenset({Aspect.DEFINITION}),
    Language.NONE: frozenset({Aspect.DEFINITION}),
}
"""What each language has no words for."""
PRISMA_INDEX_METHODS: Final = {"hash": "Hash", "gin": "Gin", "gist": "Gist", "spgist": "SpGist", "brin": "Brin"}
"""What Prisma calls the index methods that it can declare, beside btree."""


def visible_to_prisma(found: Catalog, expected: Catalog) -> Catalog:
    """Return a catalog as Prisma sees it, next to what a schema.prisma declares.

    A partitioned table is a table, a domain its base type, an extension's type the same in whatever schema it lies. An
    index that Prisma cannot declare is not seen; where one of its name is declared, it is seen without what Prisma
    cannot say. What a column computes looks like a default, and a default that fills it alike looks like the one
    declared. A list may be null, whatever its column says. A foreign key to a table that has no model is not seen.
    """
    types: dict[str, DomainType | None] = {f"{type_.schema}.{type_.name}": type_ for type_ in found.types}
    types |= {f"{enum.schema}.{enum.name}": None for enum in found.enums}
    relations = [
        _visible_relation(
            relation, expected.by_name.get((relation.schema, relation.name)), types, expected.by_name.keys()
        )
        for relation in found.relations
    ]
    return Catalog(relations=tuple(relations), enums=found.enums, extensions=found.extensions)


def primary_key_as_index(found: Relation, declared: Relation) -> Index | None:
    """Return the unique index that Prisma up to 5 made where it makes the key of a table of two lists now, or None."""
    key = declared.primary_key
    if found.primary_key is not None or key is None or key.columns != ("A", "B") or len(declared.columns) != 2:
        return None
    return next((index for index in found.indexes if index.unique and index.columns == ("A", "B")), None)


def is_declarable(index: Index) -> bool:
    """Say whether Prisma can declare an index: of columns alone, whole, and with nothing beside."""
    columns_alone = all(part.column and not part.operator_class and not part.collation for part in index.parts)
    usual_nulls = all(part.nulls_first == part.descending for part in index.parts)
    known = index.method == "btree" or index.method in PRISMA_INDEX_METHODS
    return (
        columns_alone and usual_nulls and known and not (index.predicate or index.include or index.nulls_not_distinct)
    )


def _visible_relation(
    relation: Relation,
    declared: Relation | None,
    types: Mapping[str, DomainType | None],
    models: Container[tuple[str, str]],
) -> Relation:
    former_key = primary_key_as_index(relation, declared) if declared else None
    primary_key = relation.primary_key and evolve(relation.primary_key, deferrable=False)
    return evolve(
        relation,
        kind=RelationKind.TABLE if relation.kind is RelationKind.PARTITIONED else relation.kind,
        primary_key=declared.primary_key if declared and former_key else primary_key,
        indexes=_visible_indexes(relation, declared, former_key),
        foreign_keys=_visible_foreign_keys(relation, declared, models),
        columns=tuple(
            _column(column, find(declared.columns, column.name) if declared else None, types)
            for column in relation.columns
        ),
    )


def _visible_indexes(relation: Relation, declared: Relation | None, former_key: Index | None) -> tuple[Index, ...]:
    declared_by_name = {index.name: index for index in declared.indexes} if declared else {}
    return tuple(
        evolve(index, deferrable=False) if is_declarable(index) else _visible_index(index, declared_by_name[index.name])
        for index in relation.indexes
        if (is_declarable(index) or index.name in declared_by_name) and index != former_key
    )


def _visible_foreign_keys(
    relation: Relation, declared: Relation | None, models: Container[tuple[str, str]]
) -> tuple[ForeignKey, ...]:
    named = {key.name for key in declared.foreign_keys} if declared else set()
    return tuple(
        _declarable_foreign_key(key)
        for key in relation.foreign_keys
        if declared is None or key.name in named or (key.target_schema, key.target) in models
    )


def _column(column: Column, declared: Column | None, types: Mapping[str, DomainType | None]) -> Column:
    computed = column.generated is not None or column.identity is not None
    if declared is None:
        return evolve(column, default=None) if computed else column
    plain = column.type.replace('"', "")
    domain = types.get(plain)
    of_extension = plain.removesuffix("[]") not in types
    as_declared = (
        _without_schema(column.type) == _without_schema(declared.type)
        if of_extension
        else _is_domain_of(domain, declared.type)
    )
    alike = computed or are_equivalent_defaults(declared.default, column.default, declared.type)
    return evolve(
        column,
        type=declared.type if as_declared else column.type,
        nullable=declared.nullable if declared.type.endswith("[]") else column.nullable,
        default=declared.default if alike else column.default,
    )


def _without_schema(type_: str) -> str:
    """Return a type without its schema, in one spelling: what an extension's type looks like where it is not known."""
    return re.sub(r"^(\"[^\"]*\"|\w+)\.", "", type_).replace(", ", ",").casefold()


def _is_domain_of(domain: DomainType | None, type_: str) -> bool:
    if domain is None:
        return False
    rest = domain.definition.removeprefix(f"DOMAIN {type_}")
    return rest == "" or rest.startswith((" NOT NULL", " DEFAULT", " CHECK"))


def _declarable_foreign_key(key: ForeignKey) -> ForeignKey:
    return evolve(
        key, deferrable=False, initially_deferred=False, match_full=False, validated=True, on_delete_columns=()
    )


def _visible_index(index: Index, declared: Index) -> Index:
    """Return an index without what Prisma cannot say; a condition counts where one is declared."""
    predicate = index.predicate if declared.predicate is not None else None
    parts = index.parts
    if index.method == declared.method and len(parts) == len(declared.parts):
        parts = tuple(_part(mine, theirs, index.method) for mine, theirs in zip(parts, declared.parts, strict=True))
    return evolve(index, parts=parts, include=(), predicate=predicate, nulls_not_distinct=False, deferrable=False)


def _part(part: IndexPart, declared: IndexPart, method: str) -> IndexPart:
    """Return a part without collation and place of nulls; Prisma compares no operator classes of a btree."""
    operators = declared.operator_class if method == "btree" else part.operator_class
    nulls_first = declared.nulls_first if part.descending == declared.descending else part.nulls_first
    return evolve(part, collation=declared.collation, operator_class=operators, nulls_first=nulls_first)
