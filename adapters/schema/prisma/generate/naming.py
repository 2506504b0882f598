"""Name a database's tables, columns and types for Prisma: as in schema.prisma, else derived from their SQL names.

Models that already have a name keep it, and so do their fields, the relations between models, enums, their values,
and their comments. Code that uses them still compiles after the schema is generated again.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, TypeVar

from attrs import define, field

from strongroom.adapters.schema.prisma.model.native_types import DEFAULTS
from strongroom.adapters.schema.prisma.model.schema import Enum, Field, Model, PrismaSchema, Relation
from strongroom.adapters.schema.prisma.model.uniqueness import RESERVED
from strongroom.adapters.schema.prisma.syntax.formatter import format_expression
from strongroom.adapters.schema.prisma.syntax.nodes import Call, List, Text
from strongroom.domain.schema.catalog import Catalog, Column, ForeignKey
from strongroom.domain.schema.catalog import Index as DatabaseIndex
from strongroom.domain.schema.catalog import Relation as Table
from strongroom.domain.schema.standalone_objects import EnumType

Part = TypeVar("Part", bound=Hashable)

WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GENERATED: Final = re.compile(
    r"A materialized view: as old as its last refresh\.|Partitioned by |(Unique|Index) \S+ on \(|Check \S+: "
)
_CLIENT_NAMES: Final = frozenset({"uuid", "cuid", "nanoid", "ulid"})


def model_name(table: str) -> str:
    """Return the default name of a table's model, or of a type's enum."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", table) if word]
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name[:1].isalpha() else f"Model{name}"


def field_name(name: str) -> str:
    """Return the default name of a column's field, or of a label's enum value."""
    if WORD.fullmatch(name):
        return name
    return re.sub(r"^[^A-Za-z]+", "", re.sub(r"[^A-Za-z0-9_]", "_", name)) or "field"


def _distinct_names(
    parts: Sequence[Part], given: Mapping[Part, str], named: Callable[[Part], str], taken: Iterable[str] = ()
) -> dict[Part, str]:
    """Return a distinct name for each part: the given name, or a name derived from it."""
    names = {part: given[part] for part in parts if part in given}
    used = {*taken, *given.values()}
    for part in parts:
        if part in names:
            continue
        stem, number = named(part), 2
        name = stem
        while name in used:
            name, number = f"{stem}_{number}", number + 1
        names[part] = name
        used.add(name)
    return names


@define
class Naming:
    """The names that a schema.prisma gives; without one, those that follow from the database's."""

    existing: PrismaSchema | None = None
    default_schema: str = "public"
    catalog: Catalog = field(factory=Catalog)
    """The catalog to name: its tables and enums get distinct names."""

    @cached_property
    def _models(self) -> dict[tuple[str, str], Model]:
        known = (*self.existing.models, *self.existing.views) if self.existing else ()
        return {(model.schema or self.default_schema, model.table): model for model in known}

    @cached_property
    def _enums(self) -> dict[tuple[str, str], Enum]:
        known = self.existing.enums if self.existing else ()
        return {(enum.schema or self.default_schema, enum.type): enum for enum in known}

    @property
    def has_schemas(self) -> bool:
        """Whether every model says the schema that its table is in."""
        return self.existing is not None and self.existing.datasource.setting("schemas") is not None

    def sees(self, schema: str) -> bool:
        """Return whether Prisma looks at a schema: its connection's, unless the datasource lists some."""
        listed = self.existing.datasource.setting("schemas") if self.existing else None
        if not isinstance(listed, List):
            return schema == self.default_schema
        return any(isinstance(item, Text) and item.value == schema for item in listed.items)

    @cached_property
    def _blocks(self) -> dict[tuple[str, str, str], str]:
        """The names of models and enumerations, which share one room with Prisma's own types."""
        given = {("table", *key): model.name for key, model in self._models.items()}
        given |= {("enum", *key): enum.name for key, enum in self._enums.items()}
        parts = [("table", part.schema, part.name) for part in self.catalog.relations]
        parts += [("enum", part.schema, part.name) for part in self.catalog.enums]
        seen = [part for part in parts if self.sees(part[1])]
        return _distinct_names(seen, given, lambda part: model_name(part[2]), {*DEFAULTS, *RESERVED})

    def model(self, schema: str, table: str) -> str:
        """Return the name of a table's model."""
        return self._blocks.get(("table", schema, table)) or model_name(table)

    def enum(self, enum: EnumType) -> str:
        """Return the name of an enumeration."""
        return self._blocks.get(("enum", enum.schema, enum.name)) or model_name(enum.name)

    def value(self, enum: EnumType, label: str) -> str:
        """Return the name of an enumeration's value."""
        known = self._enums.get((enum.schema, enum.name))
        given = {value.label: value.name for value in known.values} if known else {}
        return _distinct_names(enum.labels, given, field_name)[label]

    def field(self, table: Table, column: str) -> str:
        """Return the name of a column's field."""
        model = self._models.get((table.schema, table.name))
        given = {field.column: field.name for field in model.fields} if model else {}
        return _distinct_names(table.column_names, given, field_name)[column]

    def fields(self, table: Table, columns: Iterable[str]) -> str:
        """Return the names of columns' fields as a list."""
        return ", ".join(self.field(table, column) for column in columns)

    def client_attributes(self, table: Table, column: Column) -> list[str]:
        """Return what of a field concerns the client alone, so that no database tells it."""
        known = self._field(table, column.name)
        if known is None:
            return []
        made = known.default if column.default is None and isinstance(known.default, Call) else None
        said = [f"@default({format_expression(made)})"] if made and made.name in _CLIENT_NAMES else []
        return said + ["@updatedAt"] * known.updated_at + ["@ignore"] * known.ignored

    def client_name(self, table: Table, index: DatabaseIndex | None) -> str:
        """Return the argument that names an index (None: the primary key) for the client, or nothing."""
        known = self._models.get((table.schema, table.name))
        if known is None:
            return ""
        key = (
            known.primary_key if index is None else next((one for one in known.indexes if one.name == index.name), None)
        )
        return f", name: {json.dumps(key.client_name)}" if key and key.client_name else ""

    def documentation(self, table: Table, column: str | None = None) -> list[str]:
        """Return what somebody wrote about a table, or a column of it, as lines; what was generated is left out."""
        known = self._models.get((table.schema, table.name)) if column is None else self._field(table, column)
        text = known.documentation if known and known.documentation else ""
        return [line for line in text.splitlines() if column is not None or not _GENERATED.match(line)]

    def holder(self, table: Table, key: ForeignKey) -> Relation | None:
        """Return the field that somebody named for a foreign key, on the side that has it."""
        model, target = self._models.get((table.schema, table.name)), self._models.get((key.target_schema, key.target))
        if model is None or target is None:
            return None
        columns = {field.name: field.column for field in model.fields}
        for relation in model.relations:
            if relation.model == target.name and tuple(columns.get(name) for name in relation.fields) == key.columns:
                return relation
        return None

    def opposite(self, table: Table, key: ForeignKey) -> Relation | None:
        """Return the field that somebody named for a foreign key, on the side that it leads to."""
        holder = self.holder(table, key)
        if holder is None:
            return None
        model, target = self._models[table.schema, table.name], self._models[key.target_schema, key.target]
        return next(
            (
                relation
                for relation in target.relations
                if relation.model == model.name and relation.relation == holder.relation and not relation.holds_key
            ),
            None,
        )

    def _field(self, table: Table, column: str) -> Field | None:
        model = self._models.get((table.schema, table.name))
        return next((field for field in model.fields if field.column == column), None) if model else None
