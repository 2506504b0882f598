"""What a database holds of a schema, as values: two databases with the same schema give equal catalogs.

Names are as PostgreSQL holds them, unquoted. Types, defaults, expressions and definitions are as PostgreSQL writes them
with an empty search path: every name outside ``pg_catalog`` is qualified. Comments, owners, grants, statistics and
partitions are known, and do not count in comparisons.
"""

from enum import Enum
from functools import cached_property
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen

from .contract import ObjectKind, SchemaObject
from .standalone_objects import DomainType, EnumType, Function, Sequence

Named = TypeVar("Named", "Column", "Index", "ForeignKey", "Check", "Exclusion", "Trigger")


class RelationKind(Enum):
    """What kind of relation a table is."""

    TABLE = "table"
    PARTITIONED = "partitioned table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    FOREIGN = "foreign table"


class Action(Enum):
    """What a foreign key does to the rows that refer to a row that goes, or whose key changes."""

    NO_ACTION = "NO ACTION"
    RESTRICT = "RESTRICT"
    CASCADE = "CASCADE"
    SET_NULL = "SET NULL"
    SET_DEFAULT = "SET DEFAULT"


@frozen(kw_only=True)
class Column:
    """A column: its type as ``format_type`` gives it, and what fills it where nothing is given.

    ``identity`` is ``always`` or ``by default``; ``collation`` None is that of the type.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    generated: str | None = None
    identity: str | None = None
    collation: str | None = None
    comment: str | None = field(default=None, eq=False)


@frozen(kw_only=True)
class PrimaryKey:
    """A table's primary key; one that is deferrable is nothing that ON CONFLICT or a foreign key can go by."""

    name: str
    columns: tuple[str, ...]
    deferrable: bool = False


@frozen(kw_only=True)
class ForeignKey:
    """A foreign key to columns of a table in ``target_schema``.

    ``on_delete_columns`` are those that SET NULL or SET DEFAULT is confined to, none where it concerns them all.
    """

    name: str
    columns: tuple[str, ...]
    target_schema: str
    target: str
    target_columns: tuple[str, ...]
    on_delete: Action = Action.NO_ACTION
    on_update: Action = Action.NO_ACTION
    deferrable: bool = False
    initially_deferred: bool = False
    match_full: bool = False
    validated: bool = True
    on_delete_columns: tuple[str, ...] = ()


@frozen(kw_only=True)
class Check:
    """A check; ``expression`` is what stands within ``CHECK (…)``; ``inherited`` says whether children have it too."""

    name: str
    expression: str
    validated: bool = True
    inherited: bool = True


@frozen(kw_only=True)
class Exclusion:
    """An exclusion constraint, by its definition."""

    name: str
    definition: str


@frozen(kw_only=True)
class IndexPart:
    """A column of an index, or an expression; ``operator_class`` and ``collation`` None are the defaults."""

    column: str | None = None
    expression: str | None = None
    operator_class: str | None = None
    collation: str | None = None
    descending: bool = False
    nulls_first: bool = False

    def __str__(self) -> str:
        return (self.column or f"({self.expression})") + (" DESC" if self.descending else "")


@frozen(kw_only=True)
class Index:
    """An index; ``constraint`` says whether a UNIQUE constraint of its name stands on it, which Prisma cannot tell."""

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    predicate: str | None = None
    nulls_not_distinct: bool = False
    deferrable: bool = False
    valid: bool = True
    constraint: bool = field(default=False, eq=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns and expressions, as text."""
        return tuple(str(part) for part in self.parts)


@frozen(kw_only=True)
class Trigger:
    """A trigger, by its definition."""

    name: str
    definition: str
    enabled: bool = True


@frozen(kw_only=True)
class Policy:
    """A policy of row security, by what stands after the table's name."""

    name: str
    definition: str


@frozen(kw_only=True)
class Rule:
    """A rewrite rule, by its definition; the one that makes a view a view is none."""

    name: str
    definition: str


@frozen(kw_only=True)
class Partition:
    """A partition of a table, with its bounds."""

    schema: str
    name: str
    bounds: str


@frozen(kw_only=True)
class Relation:
    """A table or a view with all that belongs to it; the columns are in their order, the rest by name.

    ``options`` are a view's, ``inherits`` the tables that a child is of, each as ``schema.name``.
    """

    schema: str
    name: str
    kind: RelationKind = RelationKind.TABLE
    columns: tuple[Column, ...] = ()
    primary_key: PrimaryKey | None = None
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    partition_key: str | None = None
    definition: str | None = None
    row_security: bool = False
    forces_row_security: bool = False
    unlogged: bool = False
    options: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()
    rules: tuple[Rule, ...] = ()
    partitions: tuple[Partition, ...] = field(default=(), eq=False)
    owner: str | None = field(default=None, eq=False)
    comment: str | None = field(default=None, eq=False)
    estimated_rows: int = field(default=0, eq=False)
    size_bytes: int = field(default=0, eq=False)

    @property
    def object(self) -> SchemaObject:
        """The relation as the contract knows it."""
        return SchemaObject(OBJECT_KINDS[self.kind], self.schema, self.name)

    @property
    def is_table(self) -> bool:
        """Whether rows are written to it."""
        return self.kind in (RelationKind.TABLE, RelationKind.PARTITIONED)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """Return the column with a name, or None."""
        return find(self.columns, name)

    @property
    def unique_keys(self) -> tuple[tuple[str, ...], ...]:
        """The columns of the primary key and of every plain unique index, which rows are found by."""
        plain = (index for index in self.indexes if index.unique and index.predicate is None)
        keys = [tuple(part.column or "" for part in index.parts) for index in plain]
        keys = [key for key in keys if "" not in key]
        return tuple([self.primary_key.columns] if self.primary_key else []) + tuple(keys)


@frozen(kw_only=True)
class Catalog:
    """Everything that some schemas hold, each kind by schema and name."""

    relations: tuple[Relation, ...] = ()
    enums: tuple[EnumType, ...] = ()
    types: tuple[DomainType, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    functions: tuple[Function, ...] = ()
    extensions: tuple[str, ...] = field(default=(), eq=False)

    @cached_property
    def by_name(self) -> dict[tuple[str, str], Relation]:
        """The relations by schema and name."""
        return {(relation.schema, relation.name): relation for relation in self.relations}

    @cached_property
    def enums_by_name(self) -> dict[tuple[str, str], EnumType]:
        """The enumerations by schema and name."""
        return {(enum.schema, enum.name): enum for enum in self.enums}

    @property
    def objects(self) -> tuple[SchemaObject, ...]:
        """Everything that can be owned, sorted; sequences that a column owns belong to their table."""
        free = (sequence for sequence in self.sequences if sequence.owned_by is None)
        parts: list[Any] = [*self.relations, *self.enums, *self.types, *free, *self.functions]
        return tuple(sorted({part.object for part in parts}))

    def only(self, objects: frozenset[SchemaObject]) -> "Catalog":
        """Return the part of the catalog that the objects make up, with what belongs to them."""
        return Catalog(
            relations=tuple(part for part in self.relations if part.object in objects),
            enums=tuple(part for part in self.enums if part.object in objects),
            types=tuple(part for part in self.types if part.object in objects),
            sequences=tuple(part for part in self.sequences if part.object in objects),
            functions=tuple(part for part in self.functions if part.object in objects),
            extensions=self.extensions,
        )

    def bare(self) -> "Catalog":
        """Return the catalog with nothing but what counts, the columns by name: equal ones are written alike."""
        return Catalog(
            relations=tuple(_without_measurements(relation) for relation in self.relations),
            enums=tuple(evolve(part, owner=None) for part in self.enums),
            types=tuple(evolve(part, owner=None) for part in self.types),
            sequences=tuple(evolve(part, owner=None) for part in self.sequences),
            functions=tuple(evolve(part, owner=None) for part in self.functions),
        )

    def without(self, names: frozenset[tuple[str, str]]) -> "Catalog":
        """Return the catalog without the relations of some names, and their own sequences."""
        return Catalog(
            relations=tuple(part for part in self.relations if (part.schema, part.name) not in names),
            enums=self.enums,
            types=self.types,
            sequences=tuple(part for part in self.sequences if (part.owned_by or ("", "", ""))[:2] not in names),
            functions=self.functions,
            extensions=self.extensions,
        )


OBJECT_KINDS: Final = {
    RelationKind.TABLE: ObjectKind.TABLE,
    RelationKind.PARTITIONED: ObjectKind.TABLE,
    RelationKind.FOREIGN: ObjectKind.TABLE,
    RelationKind.VIEW: ObjectKind.VIEW,
    RelationKind.MATERIALIZED_VIEW: ObjectKind.MATERIALIZED_VIEW,
}


def find(parts: tuple[Named, ...], name: str) -> Named | None:
    """Return the part with a name, or None."""
    return next((part for part in parts if part.name == name), None)


def _without_measurements(relation: Relation) -> Relation:
    columns = (evolve(column, comment=None) for column in relation.columns)
    return evolve(
        relation,
        columns=tuple(sorted(columns, key=lambda column: column.name)),
        indexes=tuple(evolve(index, constraint=False) for index in relation.indexes),
        partitions=(),
        owner=None,
        comment=None,
        estimated_rows=0,
        size_bytes=0,
    )
