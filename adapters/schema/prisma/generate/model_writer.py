"""Writes the models of a catalog as schema.prisma has them: what ``db pull`` would, and what it loses or drops.

Models are named after their tables (``nmt_pool`` is ``NmtPool``) and fields after their columns, unless somebody has
named them (see ``naming``). Relations go both ways, and are named where two lead to the same model. Materialized views
become views. What Prisma cannot say (checks, partial and expression indexes, partitions) stands in a remark above the
model.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from strongroom.adapters.schema.prisma.model.constraint_names import (
    foreign_key_name,
    index_name,
    primary_key_name,
    unique_name,
)
from strongroom.adapters.schema.prisma.model.schema import Relation as NamedRelation
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.domain.schema.catalog import Action, Catalog, Column, ForeignKey, Index, Relation, RelationKind
from strongroom.domain.schema.standalone_objects import EnumType
from strongroom.domain.schema.visibility import PRISMA_INDEX_METHODS, is_declarable

from .field_types import PrismaType, prisma_type
from .naming import Naming, field_name

_ACTIONS: Final = {
    Action.NO_ACTION: "NoAction",
    Action.RESTRICT: "Restrict",
    Action.CASCADE: "Cascade",
    Action.SET_NULL: "SetNull",
    Action.SET_DEFAULT: "SetDefault",
}


@frozen
class ModelLine:
    """A line of a model: a field's name, its type, its attributes, and what is written above it."""

    name: str
    type: str
    attributes: str = ""
    above: tuple[str, ...] = ()


class ModelWriter:
    """Writes the blocks of some tables and views of a catalog; relations lead to tables among them only."""

    def __init__(self, catalog: Catalog, tables: Iterable[tuple[str, str]], naming: Naming | None = None) -> None:
        self._catalog = catalog
        self._naming = naming or Naming()
        self._relations = [catalog.by_name[key] for key in sorted(tables)]
        chosen = {(relation.schema, relation.name) for relation in self._relations}
        self._keys = [
            (relation, key)
            for relation in self._relations
            for key in relation.foreign_keys
            if (key.target_schema, key.target) in chosen
        ]
        pairs = Counter(frozenset({(one.schema, one.name), (key.target_schema, key.target)}) for one, key in self._keys)
        self._enums = {
            f"{quote_if_needed(enum.schema)}.{quote_if_needed(enum.name)}": enum
            for enum in catalog.enums
            if self._naming.sees(enum.schema)
        }
        self._several = {pair for pair, count in pairs.items() if count > 1 or len(pair) == 1}

    def enums(self) -> list[EnumType]:
        """Return the enumerations that the tables hold."""
        held = {column.type.removesuffix("[]") for relation in self._relations for column in relation.columns}
        return [enum for name, enum in self._enums.items() if name in held]

    def relations(self, relation: Relation) -> list[ModelLine]:
        """Return the fields of a model that lead to other models."""
        taken = {self._naming.field(relation, column.name) for column in relation.columns}
        lines = [self._holder(relation, key, taken) for one, key in self._keys if one is relation]
        return lines + [
            self._opposite(other, key, taken)
            for other, key in self._keys
            if (key.target_schema, key.target) == (relation.schema, relation.name)
        ]

    def block(self, relation: Relation) -> str:
        """Return the model, or the view, of a relation."""
        word = "view" if relation.kind in (RelationKind.VIEW, RelationKind.MATERIALIZED_VIEW) else "model"
        lines = [*(self._field(relation, column) for column in relation.columns), *self.relations(relation)]
        remarks = [
            f"/// {line}".rstrip() for line in (*self._naming.documentation(relation), *_undeclarable_parts(relation))
        ]
        body = [*_align_columns(lines), "", *self._attributes(relation)]
        head = f"{word} {self._naming.model(relation.schema, relation.name)} {{"
        return "\n".join([*remarks, head, *(f"  {line}".rstrip() for line in body), "}"]) + "\n"

    def _field(self, relation: Relation, column: Column) -> ModelLine:
        enum = self._enums.get(column.type.removesuffix("[]"))
        kind = self._type(column)
        name = self._naming.field(relation, column.name)
        optional = column.nullable and relation.is_table and not kind.is_list
        parts = []
        if relation.primary_key and relation.primary_key.columns == (column.name,):
            parts.append("@id" + _map_attribute(relation.primary_key.name, primary_key_name(relation.name)))
        parts += [
            "@unique" + _map_attribute(index.name, unique_name(relation.name, [column.name]), index.parts[0].descending)
            for index in _declarable_indexes(relation)
            if relation.is_table and index.unique and [part.column for part in index.parts] == [column.name]
        ]
        if column.default is not None:
            parts.append(f"@default({self._default(column, enum)})")
        parts += self._naming.client_attributes(relation, column)
        if name != column.name:
            parts.append(f"@map({json.dumps(column.name)})")
        if kind.native:
            parts.append(kind.native)
        above = tuple(f"/// {line}".rstrip() for line in self._naming.documentation(relation, column.name))
        return ModelLine(name, kind.name + "?" * optional, " ".join(parts), above)

    def _type(self, column: Column) -> PrismaType:
        enum = self._enums.get(column.type.removesuffix("[]"))
        return (
            PrismaType(self._naming.enum(enum) + "[]" * column.type.endswith("[]"))
            if enum
            else prisma_type(column.type)
        )

    def _is_ignored(self, relation: Relation) -> bool:
        """Return whether the client has to ignore a table: nothing that it can name tells its rows apart."""
        if not relation.is_table:
            return False
        keys = [relation.primary_key.columns] if relation.primary_key else []
        keys += [index.columns for index in _declarable_indexes(relation) if index.unique]
        columns = {column.name: column for column in relation.columns}
        return not any(
            all(not columns[name].nullable and self._type(columns[name]).is_supported for name in key) for key in keys
        )

    def _holder(self, relation: Relation, key: ForeignKey, taken: set[str]) -> ModelLine:
        known, stem = self._naming.holder(relation, key), key.columns[-1].removesuffix("_id")
        target = self._catalog.by_name[key.target_schema, key.target]
        said = [
            *self._named(relation, key),
            f"fields: [{self._naming.fields(relation, key.columns)}]",
            f"references: [{self._naming.fields(target, key.target_columns)}]",
        ]
        nullable = [column.nullable for column in relation.columns if column.name in key.columns]
        usual = Action.SET_NULL if all(nullable) else Action.RESTRICT
        said += [f"onDelete: {_ACTIONS[key.on_delete]}"] if key.on_delete is not usual else []
        said += [f"onUpdate: {_ACTIONS[key.on_update]}"] if key.on_update is not Action.CASCADE else []
        usual_name = foreign_key_name(relation.name, key.columns)
        said += [f"map: {json.dumps(key.name)}"] if key.name != usual_name else []
        model = self._naming.model(key.target_schema, key.target)
        name = _unused_name(known.name if known else stem, taken)
        ignored = " @ignore" * (self._is_ignored(target) and not self._is_ignored(relation))
        return ModelLine(
            name, model + "?" * any(nullable), f"@relation({', '.join(said)}){ignored}", _comment_above(known)
        )

    def _opposite(self, other: Relation, key: ForeignKey, taken: set[str]) -> ModelLine:
        many = "?" if key.columns in other.unique_keys else "[]"
        several = self._named(other, key)
        stem = f"{other.name}_{key.columns[-1].removesuffix('_id')}" if several else other.name
        known, model = self._naming.opposite(other, key), self._naming.model(other.schema, other.name)
        named = [f"@relation({several[0]})"] if several else []
        target = self._catalog.by_name[key.target_schema, key.target]
        named += ["@ignore"] * (self._is_ignored(other) and not self._is_ignored(target))
        return ModelLine(
            _unused_name(known.name if known else stem, taken), model + many, " ".join(named), _comment_above(known)
        )

    def _named(self, relation: Relation, key: ForeignKey) -> list[str]:
        known = self._naming.holder(relation, key)
        if known is not None and known.named:
            return [json.dumps(known.relation)]
        pair = frozenset({(relation.schema, relation.name), (key.target_schema, key.target)})
        return [json.dumps(key.name)] if pair in self._several else []

    def _attributes(self, relation: Relation) -> list[str]:
        lines = []
        key = relation.primary_key
        if key is not None and len(key.columns) > 1:
            client = self._naming.client_name(relation, None)
            names = self._naming.fields(relation, key.columns)
            lines.append(f"@@id([{names}]{client}{_map_argument(key.name, primary_key_name(relation.name))})")
        for index in _declarable_indexes(relation):
            if index.unique and (len(index.parts) > 1 or not relation.is_table):
                usual = unique_name(relation.name, index.columns)
                client = self._naming.client_name(relation, index)
                mapped = _map_argument(index.name, usual) if relation.is_table else ""
                lines.append(f"@@unique([{self._parts(relation, index)}]{client}{mapped})")
        for index in _declarable_indexes(relation):
            if not index.unique and relation.is_table:
                columns = [str(part.column) for part in index.parts]
                kind = "" if index.method == "btree" else f", type: {PRISMA_INDEX_METHODS[index.method]}"
                usual = index_name(relation.name, columns)
                lines.append(f"@@index([{self._parts(relation, index)}]{_map_argument(index.name, usual)}{kind})")
        nothing_tells = not relation.is_table and not any(line.startswith("@@unique") for line in lines)
        if nothing_tells or self._is_ignored(relation):
            lines.append("@@ignore")
        if self._naming.model(relation.schema, relation.name) != relation.name:
            lines.append(f"@@map({json.dumps(relation.name)})")
        if self._naming.has_schemas:
            lines.append(f"@@schema({json.dumps(relation.schema)})")
        return lines

    def _parts(self, relation: Relation, index: Index) -> str:
        return ", ".join(
            self._naming.field(relation, str(part.column)) + ("(sort: Desc)" if part.descending else "")
            for part in index.parts
        )

    def _default(self, column: Column, enum: EnumType | None) -> str:
        text = str(column.default)
        end = f"'::{column.type}"
        if enum is not None and not column.type.endswith("[]") and text.startswith("'") and text.endswith(end):
            return self._naming.value(enum, text[1 : -len(end)].replace("''", "'"))
        return _default(column)

    def enum_block(self, enum: EnumType) -> str:
        """Return the block of an enumeration."""
        named = ((self._naming.value(enum, label), label) for label in enum.labels)
        values = [name if name == label else f"{name} @map({json.dumps(label)})" for name, label in named]
        name = self._naming.enum(enum)
        after = [f"@@map({json.dumps(enum.name)})"] if name != enum.name else []
        after += [f"@@schema({json.dumps(enum.schema)})"] if self._naming.has_schemas else []
        lines = [*values, *([""] if after else []), *after]
        return "\n".join([f"enum {name} {{", *(f"  {line}".rstrip() for line in lines), "}"]) + "\n"


def _declarable_indexes(relation: Relation) -> list[Index]:
    """Return the indexes that Prisma can say."""
    return [index for index in relation.indexes if is_declarable(index)]


def _undeclarable_parts(relation: Relation) -> list[str]:
    """Return what Prisma cannot say of a relation, one line each."""
    remarks = []
    if relation.kind is RelationKind.MATERIALIZED_VIEW:
        remarks.append("A materialized view: as old as its last refresh.")
    if relation.partition_key:
        remarks.append(f"Partitioned by {relation.partition_key}.")
    unsaid = [index for index in relation.indexes if not is_declarable(index)]
    remarks += [
        f"{'Unique' if index.unique else 'Index'} {index.name} on ({', '.join(index.columns)})"
        + (f" where {index.predicate}" if index.predicate else "")
        + (" with nulls not distinct" if index.nulls_not_distinct else "")
        for index in unsaid
    ]
    remarks += [f"Check {check.name}: {check.expression}" for check in relation.checks]
    return [" ".join(remark.split()) for remark in remarks]


def _default(column: Column) -> str:
    text = str(column.default)
    if literal := re.fullmatch(r"'((?:[^']|'')*)'::text", text):
        return json.dumps(literal[1].replace("''", "'"), ensure_ascii=False)
    if re.fullmatch(r"-?\d+(\.\d+)?|true|false", text):
        return text
    if text in ("CURRENT_TIMESTAMP", "now()") and column.type.startswith("timestamp"):
        return "now()"
    return f"dbgenerated({json.dumps(text)})"


def _align_columns(lines: Sequence[ModelLine]) -> list[str]:
    """Return fields in the columns of Prisma's own formatter."""
    name, kind = max(len(line.name) for line in lines), max(len(line.type) for line in lines)
    return [
        text
        for line in lines
        for text in (*line.above, f"{line.name:<{name}} {line.type:<{kind}} {line.attributes}".rstrip())
    ]


def _comment_above(known: NamedRelation | None) -> tuple[str, ...]:
    """Return what somebody wrote above a field."""
    text = known.documentation if known and known.documentation else ""
    return tuple(f"/// {line}".rstrip() for line in text.splitlines())


def _unused_name(stem: str, taken: set[str]) -> str:
    name, number = field_name(stem), 2
    while name in taken:
        name, number = f"{field_name(stem)}_{number}", number + 1
    taken.add(name)
    return name


def _map_attribute(name: str, usual: str, descending: bool = False) -> str:  # noqa: FBT001, FBT002 - a part of an index
    said = [f"map: {json.dumps(name)}"] * (name != usual) + ["sort: Desc"] * descending
    return f"({', '.join(said)})" if said else ""


def _map_argument(name: str, usual: str) -> str:
    return "" if name == usual else f", map: {json.dumps(name)}"
