"""Indexes as the catalog holds them."""

import re
from collections.abc import Mapping

from strongroom.adapters.schema.prisma.model.native_types import OPERATOR_CLASSES
from strongroom.adapters.schema.prisma.model.schema import Index, IndexField, IndexKind, Model
from strongroom.adapters.schema.prisma.quoting import quote_catalog_literal, quote_if_needed, truncate_identifier
from strongroom.adapters.schema.prisma.syntax.nodes import Call, Constant, Expression, Number, Object, Text
from strongroom.domain.schema.catalog import Index as CatalogIndex
from strongroom.domain.schema.catalog import IndexPart

# What PostgreSQL takes without being told is named for its type alone, but for these.
TYPE_OPERATOR_CLASSES = re.compile(r"[a-z0-9]+_ops|quad_point_ops")
NEVER_DEFAULT = {("gist", "inet_ops"), ("btree", "varchar_ops"), ("hash", "varchar_ops"), ("btree", "cidr_ops")}
BRIN_DEFAULT = re.compile(r"(?!inet)[a-z0-9]+_minmax_ops|[a-z0-9]+_inclusion_ops")


def catalog_index(model: Model, index: Index, predicates: Mapping[tuple[str, str], str]) -> CatalogIndex:
    """Return an index; ``predicates`` says how a server writes conditions of a model, by their SQL."""
    method = index.algorithm.lower()
    predicate = predicate_sql(model, index.where)
    return CatalogIndex(
        name=truncate_identifier(index.name),
        parts=tuple(_part(model, item, method) for item in index.fields),
        unique=index.kind is IndexKind.UNIQUE,
        method=method,
        predicate=None if predicate is None else predicates.get((model.name, predicate), predicate),
    )


def predicate_sql(model: Model, where: Expression | None) -> str | None:
    """Return the condition of a partial index as Prisma writes it in SQL; None where the index is of all rows."""
    match where:
        case Call(arguments=(argument,)) if isinstance(argument.value, Text):
            return argument.value.value
        case Object(entries=entries):
            return " AND ".join(
                _comparison_sql(quote_if_needed(model.field(name).column), value) for name, value in entries
            )
    return None


def operator_class(item: IndexField, method: str) -> str | None:
    """Return PostgreSQL's name of a part's operator class, None where it is what PostgreSQL takes by itself."""
    match item.operators:
        case Constant(name=name):
            known = OPERATOR_CLASSES[name].postgres
        case Call(arguments=(argument,)) if isinstance(argument.value, Text):
            known = argument.value.value
        case _:
            return None
    default = BRIN_DEFAULT.fullmatch(known) if method == "brin" else TYPE_OPERATOR_CLASSES.fullmatch(known)
    return None if default and (method, known) not in NEVER_DEFAULT else known


def _part(model: Model, item: IndexField, method: str) -> IndexPart:
    return IndexPart(
        column=truncate_identifier(model.field(item.field).column),
        operator_class=operator_class(item, method),
        descending=item.descending,
        nulls_first=item.descending,
    )


def _comparison_sql(column: str, value: Expression) -> str:
    match value:
        case Object(entries=((_, Constant(name="null")),)):
            return f"{column} IS NOT NULL"
        case Constant(name="null"):
            return f"{column} IS NULL"
        case Object(entries=((_, inner),)):
            return f"{column} != {_literal_sql(inner)}"
    return f"{column} = {_literal_sql(value)}"


def _literal_sql(value: Expression) -> str:
    match value:
        case Text(value=text):
            return quote_catalog_literal(text)
        case Number(text=text) | Constant(name=text):
            return text
    raise TypeError(value)
