"""A table whose columns change in steps, as one who knows one form of them sees it: no drift, while both forms work."""

from collections.abc import Iterable
from typing import TypeVar

from attrs import evolve

from .catalog import Catalog, Check, Column, ForeignKey, Index, Relation
from .column_change import ChangeKind, OpenChange, counterpart, is_named_independently

Part = TypeVar("Part", Column, Index, Check, ForeignKey)


def project_onto(found: Catalog, expected: Catalog, changes: Iterable[OpenChange]) -> Catalog:
    """Return what is found, each column that changes in the form that ``expected`` declares.

    Who declares the new form sees what the change leaves, who declares the old what was there before; who declares
    both, or has no such table, sees everything but the trigger. What is only in step is no difference to either.
    """
    relations = dict(found.by_name)
    for change in changes:
        key = change.schema, change.table
        if key in relations and key in expected.by_name:
            relations[key] = _project_relation(relations[key], expected.by_name[key], change)
    return evolve(found, relations=tuple(relations.values()))


def _project_relation(found: Relation, expected: Relation, change: OpenChange) -> Relation:
    bare = evolve(found, triggers=tuple(part for part in found.triggers if part.name != change.trigger))
    if change.kind is ChangeKind.NOT_NULL:
        return _project_not_null(bare, expected, change)
    if change.kind is ChangeKind.DROP:
        return _project_dropped(bare, expected, change)
    old, new = found.column(change.column), found.column(str(change.to))
    if old is None or new is None:
        return bare  # not begun yet, or over
    knows_old, knows_new = expected.column(change.column), expected.column(str(change.to))
    if knows_old and knows_new:
        return bare
    return _new_form(bare, old, new, knows_new, change) if knows_new else _old_form(bare, change)


def _project_not_null(found: Relation, expected: Relation, change: OpenChange) -> Relation:
    """Both null and none are right to declare, and the check that proves it is none of anybody's."""
    known = expected.column(change.column)
    columns = tuple(
        evolve(column, nullable=known.nullable) if known and column.name == change.column else column
        for column in found.columns
    )
    return evolve(found, columns=columns, checks=_without(found.checks, {change.not_null_check}))


def _project_dropped(found: Relation, expected: Relation, change: OpenChange) -> Relation:
    known = expected.column(change.column)
    if known is not None:  # the default is there for those who write without it
        columns = (
            evolve(column, default=known.default) if column.name == change.column else column
            for column in found.columns
        )
        return evolve(found, columns=tuple(columns))
    return evolve(
        found,
        columns=_without(found.columns, {change.column}),
        indexes=tuple(index for index in found.indexes if change.column not in _columns_of(index)),
        foreign_keys=tuple(key for key in found.foreign_keys if change.column not in key.columns),
    )


def _old_form(found: Relation, change: OpenChange) -> Relation:
    """Return the table without the new column and all that came with it."""
    late = {there for _, there in _pairs(found, change)} | {change.not_null_check}
    return evolve(
        found,
        columns=_without(found.columns, {str(change.to)}),
        indexes=_without(found.indexes, late),
        checks=_without(found.checks, late),
        foreign_keys=_without(found.foreign_keys, late),
    )


def _new_form(found: Relation, old: Column, new: Column, known: Column | None, change: OpenChange) -> Relation:
    """Return the table without the old column; what the old one has still to give, the new one has."""
    pairs = _pairs(found, change)
    gone = {name for name, _ in pairs} | {change.not_null_check}
    final = {there: name for name, there in pairs if is_named_independently(name, change.column)}
    filled = evolve(new, nullable=old.nullable, default=known.default if known else new.default)

    def kept(parts: Iterable[Part]) -> tuple[Part, ...]:
        stays = (part for part in parts if part.name not in gone)
        renamed = (evolve(part, name=final.get(part.name, part.name)) for part in stays)
        return tuple(sorted(renamed, key=lambda part: part.name))

    return evolve(
        found,
        columns=tuple(filled if column is new else column for column in found.columns if column is not old),
        indexes=kept(found.indexes),
        checks=kept(evolve(check, validated=True) for check in found.checks),
        foreign_keys=kept(evolve(key, validated=True) for key in found.foreign_keys),
    )


def _pairs(found: Relation, change: OpenChange) -> list[tuple[str, str]]:
    """Return the names of the indexes and constraints that have a counterpart, with the counterpart's."""
    names = [part.name for parts in (found.indexes, found.checks, found.foreign_keys) for part in parts]
    pairs = ((name, counterpart(name, change.column, str(change.to))) for name in names)
    return [(name, there) for name, there in pairs if there in names]


def _without(parts: tuple[Part, ...], names: set[str]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.name not in names)


def _columns_of(index: Index) -> set[str]:
    return {str(part.column) for part in index.parts if part.column} | {*index.include}
