"""Model a Prisma schema with names resolved: models with their tables, fields with columns, constraints by name.

Positions in the text do not count when two values are compared.
"""

from enum import Enum as Choice
from functools import cached_property

from attrs import field, frozen

from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import NOWHERE, Arity, Expression


class FieldKind(Choice):
    """The kind of value in a field that maps to a column."""

    SCALAR = "scalar"
    ENUM = "enum"
    UNSUPPORTED = "unsupported"


class ReferentialAction(Choice):
    """The action on the referencing rows when a referenced row is deleted or its key changes."""

    CASCADE = "Cascade"
    RESTRICT = "Restrict"
    NO_ACTION = "NoAction"
    SET_NULL = "SetNull"
    SET_DEFAULT = "SetDefault"


class IndexKind(Choice):
    """Whether an index keeps its fields unique."""

    UNIQUE = "unique"
    NORMAL = "index"


@frozen(kw_only=True)
class NativeType:
    """A type of the database, as in @db.VarChar(20)."""

    name: str
    arguments: tuple[int, ...] = ()


@frozen(kw_only=True)
class Field:
    """A field that stands for a column; for an unsupported one ``type`` is PostgreSQL's own name of the type."""

    name: str
    column: str
    kind: FieldKind
    type: str
    arity: Arity
    native: NativeType | None = None
    default: Expression | None = None
    updated_at: bool = False
    ignored: bool = False
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Relation:
    """A field that leads to another model.

    ``fields`` and ``references`` are given on the side that holds the foreign key and empty on the other; so are
    ``constraint``, the name of the foreign key, and the actions, which are those in force, written or not.
    ``relation`` is the name of the relation, the default included; ``named`` says whether it was written.
    """

    name: str
    model: str
    arity: Arity
    relation: str
    named: bool = False
    fields: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    on_delete: ReferentialAction | None = None
    on_update: ReferentialAction | None = None
    constraint: str | None = None
    ignored: bool = False
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)

    @property
    def holds_key(self) -> bool:
        """Whether this side's table has the columns that refer to the other."""
        return bool(self.fields)


@frozen(kw_only=True)
class IndexField:
    """A field within an index; ``operators`` is the operator class: Prisma's word for it, or raw("…")."""

    field: str
    descending: bool = False
    operators: Expression | None = None


@frozen(kw_only=True)
class PrimaryKey:
    """A model's @id or @@id; ``name`` is the constraint's, ``client_name`` what the client calls a composite one."""

    name: str
    fields: tuple[str, ...]
    client_name: str | None = None
    on_field: bool = False
    position: Position = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Index:
    """An @unique, @@unique or @@index; ``name`` is the database's, ``where`` the condition of a partial one."""

    kind: IndexKind
    name: str
    fields: tuple[IndexField, ...]
    client_name: str | None = None
    algorithm: str = "BTree"
    where: Expression | None = None
    on_field: bool = False
    position: Position = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Model:
    """A model and its table; ``members`` are in text order, ``schema`` is the PostgreSQL schema if named."""

    name: str
    table: str
    members: tuple[Field | Relation, ...]
    schema: str | None = None
    primary_key: PrimaryKey | None = None
    indexes: tuple[Index, ...] = ()
    ignored: bool = False
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that stand for columns."""
        return tuple(member for member in self.members if isinstance(member, Field))

    @property
    def relations(self) -> tuple[Relation, ...]:
        """The fields that lead to other models."""
        return tuple(member for member in self.members if isinstance(member, Relation))

    @cached_property
    def _fields_by_name(self) -> dict[str, Field]:
        return {field.name: field for field in reversed(self.fields)}

    def field(self, name: str) -> Field:
        """Return the field of that name; raises KeyError where the model has none."""
        return self._fields_by_name[name]


@frozen(kw_only=True)
class View(Model):
    """A view that the client may read; Prisma does not create it."""


@frozen(kw_only=True)
class EnumValue:
    """A value of an enum: what the client calls it, and its label in the database."""

    name: str
    label: str
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)


@frozen(kw_only=True)
class Enum:
    """An enum and its type in the database."""

    name: str
    type: str
    values: tuple[EnumValue, ...]
    schema: str | None = None
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)

    @cached_property
    def _values_by_name(self) -> dict[str, EnumValue]:
        return {value.name: value for value in reversed(self.values)}

    def value(self, name: str) -> EnumValue:
        """Return the value of that name; raises KeyError where the enum has none."""
        return self._values_by_name[name]


@frozen(kw_only=True)
class ManyToMany:
    """A relation of two lists: Prisma keeps it in a table of its own, with columns A and B for the two sides."""

    relation: str
    table: str
    schema: str | None
    model_a: str
    field_a: str
    model_b: str
    field_b: str


@frozen(kw_only=True)
class Configuration:
    """A generator or the datasource: its name and its settings in the order of the text."""

    name: str
    settings: tuple[tuple[str, Expression], ...] = ()
    documentation: str | None = None
    position: Position = field(default=NOWHERE, eq=False, repr=False)

    def setting(self, name: str) -> Expression | None:
        """Return a setting, or None where it is not given."""
        return dict(self.settings).get(name)


@frozen(kw_only=True)
class PrismaSchema:
    """All that one schema declares, of one file or of many."""

    datasource: Configuration
    generators: tuple[Configuration, ...] = ()
    models: tuple[Model, ...] = ()
    views: tuple[View, ...] = ()
    enums: tuple[Enum, ...] = ()
    many_to_many: tuple[ManyToMany, ...] = ()
    foreign_keys: bool = True
