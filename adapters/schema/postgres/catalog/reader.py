"""Reads the catalog of a database under one snapshot, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg

from strongroom.domain.schema.catalog import (
    Action,
    Catalog,
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Partition,
    Policy,
    PrimaryKey,
    Relation,
    RelationKind,
    Rule,
    Trigger,
)
from strongroom.domain.schema.standalone_objects import DomainType, EnumType, Function
from strongroom.domain.schema.standalone_objects import Sequence as SequenceObject

from . import queries

_KINDS: Final = {
    "r": RelationKind.TABLE,
    "p": RelationKind.PARTITIONED,
    "v": RelationKind.VIEW,
    "m": RelationKind.MATERIALIZED_VIEW,
    "f": RelationKind.FOREIGN,
}
_ACTIONS: Final = {
    "a": Action.NO_ACTION,
    "r": Action.RESTRICT,
    "c": Action.CASCADE,
    "n": Action.SET_NULL,
    "d": Action.SET_DEFAULT,
}
_IDENTITIES: Final = {"a": "always", "d": "by default"}
_DESCENDING, _NULLS_FIRST = 1, 2
_SETTINGS: Final = (
    "SET LOCAL search_path = ''; SET LOCAL row_security = off; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'"
)
"""Under these, every name is qualified, nothing of a neighbour is called, and every time is written alike."""

Rows = Sequence[Any]
Grouped = dict[int, list[Any]]


async def read_schemas(connection: "asyncpg.Connection[Any]") -> tuple[str, ...]:
    """Return the names of the schemas that are not the system's."""
    return tuple(name for (name,) in await connection.fetch(queries.SCHEMAS))


async def read_catalog(connection: "asyncpg.Connection[Any]", schemas: Iterable[str] | None = None) -> Catalog:
    """Return what the schemas hold (all that are not the system's, unless named); what is absent is left out.

    The connection must not be in a transaction. Raises asyncpg's errors.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_SETTINGS)
        return await _read(connection, tuple(schemas) if schemas is not None else await read_schemas(connection))


async def read_catalog_in_transaction(connection: "asyncpg.Connection[Any]", schemas: Iterable[str]) -> Catalog:
    """Return what the schemas hold as the transaction that is open sees it; its search path is empty afterwards."""
    await connection.execute(_SETTINGS)
    return await _read(connection, tuple(schemas))


async def _read(connection: "asyncpg.Connection[Any]", schemas: tuple[str, ...]) -> Catalog:
    async def rows(query: str) -> Rows:
        return await connection.fetch(query, list(schemas))

    relations = await rows(queries.RELATIONS)
    columns, constraints = (
        _group_by_relation(await rows(queries.COLUMNS)),
        _group_by_relation(await rows(queries.CONSTRAINTS)),
    )
    parts = _group_by_relation(await rows(queries.INDEX_PARTS))
    indexes, triggers = (
        _group_by_relation(await rows(queries.INDEXES)),
        _group_by_relation(await rows(queries.TRIGGERS)),
    )
    partitions = _group_by_relation(await rows(queries.PARTITIONS))
    policies, rules = _group_by_relation(await rows(queries.POLICIES)), _group_by_relation(await rows(queries.RULES))
    made = [
        Relation(
            schema=schema,
            name=name,
            kind=_KINDS[kind],
            columns=tuple(map(_column, columns[oid])),
            indexes=tuple(_index(row, parts) for row in indexes[oid]),
            triggers=tuple(Trigger(name=row[1], definition=row[2], enabled=row[3]) for row in triggers[oid]),
            partitions=tuple(Partition(schema=row[1], name=row[2], bounds=row[3]) for row in partitions[oid]),
            owner=owner,
            comment=comment,
            estimated_rows=estimated,
            size_bytes=size,
            row_security=row_security,
            partition_key=partition_key,
            definition=definition,
            forces_row_security=forced,
            unlogged=unlogged,
            options=tuple(options),
            inherits=tuple(inherits),
            policies=tuple(Policy(name=row[1], definition=row[2]) for row in policies[oid]),
            rules=tuple(Rule(name=row[1], definition=row[2]) for row in rules[oid]),
            **_constraints(constraints[oid]),
        )
        for (
            oid,
            schema,
            name,
            kind,
            owner,
            comment,
            estimated,
            size,
            row_security,
            partition_key,
            definition,
            forced,
            unlogged,
            options,
            inherits,
        ) in relations
    ]
    return Catalog(
        relations=tuple(made),
        enums=tuple(
            EnumType(schema=row[0], name=row[1], labels=tuple(row[2]), owner=row[3])
            for row in await rows(queries.ENUMS)
        ),
        types=tuple(
            DomainType(schema=row[0], name=row[1], definition=row[2], owner=row[3]) for row in await rows(queries.TYPES)
        ),
        sequences=tuple(
            SequenceObject(
                schema=row[0],
                name=row[1],
                type=row[2],
                owned_by=tuple(row[3]) if row[3] else None,
                owner=row[4],
                definition=row[5],
            )
            for row in await rows(queries.SEQUENCES)
        ),
        functions=tuple(
            Function(schema=row[0], name=row[1], arguments=row[2], digest=row[3], owner=row[4])
            for row in await rows(queries.FUNCTIONS)
        ),
        extensions=tuple(name for (name,) in await connection.fetch(queries.EXTENSIONS)),
    )


def _group_by_relation(rows: Rows) -> Grouped:
    groups: Grouped = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


def _column(row: Any) -> Column:
    _, name, kind, nullable, expression, generated, identity, collation, comment = row
    return Column(
        name=name,
        type=_without_default_precision(kind),
        nullable=nullable,
        default=None if generated else expression,
        generated=expression if generated else None,
        identity=_IDENTITIES.get(identity),
        collation=collation,
        comment=comment,
    )


def _without_default_precision(kind: str) -> str:
    """Return a type without a precision that is the type's own: timestamps hold microseconds either way."""
    return kind.replace("(6)", "") if kind.startswith("time") else kind


def _constraints(rows: Rows) -> dict[str, Any]:
    found: dict[str, Any] = {"primary_key": None}
    keys, checks, exclusions = [], [], []
    for row in rows:
        _, name, kind, columns, schema, target, target_columns, on_delete, on_update, *rest = row
        deferrable, deferred, match_full, validated, confined, inherited, text = rest
        if kind == "p":
            found["primary_key"] = PrimaryKey(name=name, columns=tuple(columns), deferrable=deferrable)
        elif kind == "c":
            checks.append(Check(name=name, expression=text, validated=validated, inherited=inherited))
        elif kind == "x":
            exclusions.append(Exclusion(name=name, definition=text))
        else:
            keys.append(
                ForeignKey(
                    name=name,
                    columns=tuple(columns),
                    target_schema=schema,
                    target=target,
                    target_columns=tuple(target_columns),
                    on_delete=_ACTIONS[on_delete],
                    on_update=_ACTIONS[on_update],
                    deferrable=deferrable,
                    initially_deferred=deferred,
                    match_full=match_full,
                    validated=validated,
                    on_delete_columns=tuple(confined),
                )
            )
    return {**found, "foreign_keys": tuple(keys), "checks": tuple(checks), "exclusions": tuple(exclusions)}


def _index(row: Any, parts: Grouped) -> Index:
    _, oid, name, method, unique, valid, nulls_not_distinct, deferrable, predicate, constraint = row
    keys, include = [], []
    for _, is_key, column, expression, operator_class, collation, option in parts[oid]:
        if not is_key:
            include.append(column)
            continue
        descending = bool(option & _DESCENDING)
        keys.append(
            IndexPart(
                column=column,
                expression=expression,
                operator_class=operator_class,
                collation=collation,
                descending=descending,
                nulls_first=bool(option & _NULLS_FIRST),
            )
        )
    return Index(
        name=name,
        parts=tuple(keys),
        unique=unique,
        method=method,
        include=tuple(include),
        predicate=predicate,
        nulls_not_distinct=nulls_not_distinct,
        deferrable=deferrable,
        valid=valid,
        constraint=constraint,
    )
