"""What differs between two catalogs, object by object: what one expects, and what is found."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, Final

from attrs import evolve, frozen

from .catalog import Catalog, Column, ForeignKey, Index, Relation, find
from .contract import SchemaObject
from .describe import (
    describe_check,
    describe_definition,
    describe_foreign_key,
    describe_index,
    describe_kind,
    describe_nullability,
    describe_primary_key,
    describe_row_security,
    describe_trigger,
)
from .standalone_objects import EnumType


class Aspect(Enum):
    """What of an object differs."""

    MISSING = "missing"
    EXTRA = "extra"
    KIND = "kind"
    COLUMN_MISSING = "column missing"
    COLUMN_EXTRA = "column extra"
    COLUMN_RENAMED = "column renamed"
    TYPE = "type"
    NULLABILITY = "nullability"
    DEFAULT = "default"
    GENERATED = "generated"
    IDENTITY = "identity"
    COLLATION = "collation"
    PRIMARY_KEY = "primary key"
    UNIQUE_MISSING = "unique missing"
    UNIQUE_EXTRA = "unique extra"
    INDEX_MISSING = "index missing"
    INDEX_EXTRA = "index extra"
    INDEX = "index"
    FOREIGN_KEY_MISSING = "foreign key missing"
    FOREIGN_KEY_EXTRA = "foreign key extra"
    FOREIGN_KEY = "foreign key"
    CHECK = "check"
    EXCLUSION = "exclusion"
    TRIGGER = "trigger"
    POLICY = "policy"
    RULE = "rule"
    INHERITANCE = "inheritance"
    NAME = "name"
    PARTITIONING = "partitioning"
    ROW_SECURITY = "row security"
    DEFINITION = "definition"
    LABEL_MISSING = "label missing"
    LABEL_EXTRA = "label extra"
    LABEL_ORDER = "label order"


@frozen
class Difference:
    """One difference: of an object, or of a part of it; what is expected and what is found, as text or None."""

    target: SchemaObject
    aspect: Aspect
    part: str | None = None
    expected: str | None = None
    found: str | None = None

    def __str__(self) -> str:
        where = f"{self.target}" + (f", {self.part}" if self.part else "")
        said = [f"{word} {text}" for word, text in (("expected", self.expected), ("found", self.found)) if text]
        return f"{where}: {self.aspect.value}" + (f" ({', '.join(said)})" if said else "")


IgnoredAspects = frozenset[Aspect]
"""Aspects of which the expected catalog says nothing, so that nothing is compared."""
COMPARE_ALL: Final[IgnoredAspects] = frozenset()


def compare(expected: Catalog, found: Catalog, *, ignored: IgnoredAspects = COMPARE_ALL) -> list[Difference]:
    """Return what of ``found`` is not as ``expected``, types first; none for equal catalogs.

    The order of columns, comments, owners, grants, partitions and statistics do not count.
    """
    differences = [*_enums(expected, found), *_relations(expected, found, ignored)]
    for kind in ("types", "functions"):
        differences += _compare_whole(getattr(expected, kind), getattr(found, kind))
    differences += _compare_whole(_standalone_objects(expected), _standalone_objects(found))
    return [difference for difference in differences if difference.aspect not in ignored]


def compare_relations(
    expected: Relation, found: Relation, *, ignored: IgnoredAspects = COMPARE_ALL
) -> list[Difference]:
    """Return what of one relation is not as expected."""
    target = expected.object
    differences = [*_columns(target, _without_ignored(expected, ignored), _without_ignored(found, ignored))]
    if (expected.kind, expected.unlogged) != (found.kind, found.unlogged):
        differences.append(_difference(target, Aspect.KIND, None, describe_kind(expected), describe_kind(found)))
    differences += _keys(target, expected, found)
    differences += _indexes(target, expected.indexes, found.indexes)
    differences += _foreign_keys(target, expected.foreign_keys, found.foreign_keys)
    for aspect, mine, theirs, text in (
        (Aspect.CHECK, expected.checks, found.checks, describe_check),
        (Aspect.EXCLUSION, expected.exclusions, found.exclusions, lambda part: part.definition),
        (Aspect.TRIGGER, expected.triggers, found.triggers, describe_trigger),
        (Aspect.POLICY, expected.policies, found.policies, lambda part: part.definition),
        (Aspect.RULE, expected.rules, found.rules, lambda part: part.definition),
    ):
        differences += _parts(target, aspect, mine, theirs, text)
    for aspect, said, told in (
        (Aspect.PARTITIONING, expected.partition_key, found.partition_key),
        (Aspect.INHERITANCE, ", ".join(expected.inherits) or None, ", ".join(found.inherits) or None),
        (Aspect.ROW_SECURITY, describe_row_security(expected), describe_row_security(found)),
        (Aspect.DEFINITION, describe_definition(expected), describe_definition(found)),
    ):
        if said != told:
            differences.append(_difference(target, aspect, None, said, told))
    return [difference for difference in differences if difference.aspect not in ignored]


def _difference(
    target: SchemaObject, aspect: Aspect, part: str | None, expected: str | None, found: str | None
) -> Difference:
    return Difference(target, aspect, part, expected, found)


def _relations(expected: Catalog, found: Catalog, ignored: IgnoredAspects) -> Iterable[Difference]:
    for key in sorted(expected.by_name.keys() | found.by_name.keys()):
        mine, theirs = expected.by_name.get(key), found.by_name.get(key)
        if mine is not None and theirs is not None:
            yield from compare_relations(mine, theirs, ignored=ignored)
        elif mine is not None:
            yield _difference(
                mine.object, Aspect.MISSING, None, mine.kind.value, _relation_of_same_shape(mine, expected, found)
            )
        elif theirs is not None:
            yield _difference(theirs.object, Aspect.EXTRA, None, None, theirs.kind.value)


def _relation_of_same_shape(wanted: Relation, expected: Catalog, found: Catalog) -> str | None:
    """Return the name of the one relation that nobody expects and that has the same columns, or None."""
    shape = {evolve(column, comment=None) for column in wanted.columns}
    candidates = [
        relation.name
        for key, relation in found.by_name.items()
        if key not in expected.by_name and {evolve(column, comment=None) for column in relation.columns} == shape
    ]
    return candidates[0] if len(candidates) == 1 else None


def _without_ignored(relation: Relation, ignored: IgnoredAspects) -> Relation:
    """Return a relation whose columns have only what is compared, so that a renamed one is known again."""
    unseen: dict[str, Any] = {name: None for aspect, name in _ATTRIBUTES if aspect in ignored}
    return (
        evolve(relation, columns=tuple(evolve(column, **unseen) for column in relation.columns)) if unseen else relation
    )


_ATTRIBUTES: Final = (
    (Aspect.DEFAULT, "default"),
    (Aspect.GENERATED, "generated"),
    (Aspect.IDENTITY, "identity"),
    (Aspect.COLLATION, "collation"),
)


def _columns(target: SchemaObject, expected: Relation, found: Relation) -> Iterable[Difference]:
    missing = [column for column in expected.columns if found.column(column.name) is None]
    extra = [column for column in found.columns if expected.column(column.name) is None]
    for column in missing:
        like = [other for other in extra if evolve(other, name=column.name) == column]
        rivals = [other for other in missing if evolve(other, name=column.name) == column]
        if len(like) == 1 and len(rivals) == 1:
            extra.remove(like[0])
            yield _difference(target, Aspect.COLUMN_RENAMED, column.name, column.name, like[0].name)
        else:
            yield _difference(target, Aspect.COLUMN_MISSING, column.name, column.type, None)
    for column in extra:
        yield _difference(target, Aspect.COLUMN_EXTRA, column.name, None, column.type)
    for column in expected.columns:
        other = found.column(column.name)
        if other is not None:
            yield from _column(target, column, other)


def _column(target: SchemaObject, expected: Column, found: Column) -> Iterable[Difference]:
    pairs: list[tuple[Aspect, Any, Any]] = [
        (Aspect.TYPE, expected.type, found.type),
        (Aspect.NULLABILITY, describe_nullability(expected), describe_nullability(found)),
    ]
    pairs += [(aspect, getattr(expected, name), getattr(found, name)) for aspect, name in _ATTRIBUTES]
    for aspect, mine, theirs in pairs:
        if mine != theirs:
            yield _difference(target, aspect, expected.name, mine, theirs)


def _keys(target: SchemaObject, expected: Relation, found: Relation) -> Iterable[Difference]:
    mine, theirs = expected.primary_key, found.primary_key
    if mine == theirs:
        return
    if mine and theirs and evolve(mine, name=theirs.name) == theirs:
        yield _difference(target, Aspect.NAME, mine.name, mine.name, theirs.name)
    else:
        yield _difference(target, Aspect.PRIMARY_KEY, None, describe_primary_key(mine), describe_primary_key(theirs))


def _indexes(target: SchemaObject, expected: Sequence[Index], found: Sequence[Index]) -> Iterable[Difference]:
    rest = [index for index in found if find(tuple(expected), index.name) is None]
    for index in expected:
        other = find(tuple(found), index.name)
        if other is None:
            same = next((candidate for candidate in rest if evolve(candidate, name=index.name) == index), None)
            if same is None:
                aspect = Aspect.UNIQUE_MISSING if index.unique else Aspect.INDEX_MISSING
                yield _difference(target, aspect, index.name, describe_index(index), None)
            else:
                rest.remove(same)
                yield _difference(target, Aspect.NAME, index.name, index.name, same.name)
        elif other != index:
            aspect = Aspect.INDEX if index.unique == other.unique else Aspect.UNIQUE_MISSING
            yield _difference(target, aspect, index.name, describe_index(index), describe_index(other))
    for index in rest:
        yield _difference(
            target, Aspect.UNIQUE_EXTRA if index.unique else Aspect.INDEX_EXTRA, index.name, None, describe_index(index)
        )


def _foreign_keys(
    target: SchemaObject, expected: Sequence[ForeignKey], found: Sequence[ForeignKey]
) -> Iterable[Difference]:
    rest = [key for key in found if find(tuple(expected), key.name) is None]
    for key in expected:
        other = find(tuple(found), key.name)
        if other is None:
            same = next((candidate for candidate in rest if evolve(candidate, name=key.name) == key), None)
            if same is None:
                yield _difference(target, Aspect.FOREIGN_KEY_MISSING, key.name, describe_foreign_key(key), None)
            else:
                rest.remove(same)
                yield _difference(target, Aspect.NAME, key.name, key.name, same.name)
        elif other != key:
            yield _difference(
                target, Aspect.FOREIGN_KEY, key.name, describe_foreign_key(key), describe_foreign_key(other)
            )
    for key in rest:
        yield _difference(target, Aspect.FOREIGN_KEY_EXTRA, key.name, None, describe_foreign_key(key))


def _parts(
    target: SchemaObject, aspect: Aspect, expected: Sequence[Any], found: Sequence[Any], text: Callable[[Any], str]
) -> Iterable[Difference]:
    mine, theirs = {part.name: part for part in expected}, {part.name: part for part in found}
    for name in sorted(mine.keys() | theirs.keys()):
        one, other = mine.get(name), theirs.get(name)
        if one != other:
            yield _difference(target, aspect, name, text(one) if one else None, text(other) if other else None)


def _enums(expected: Catalog, found: Catalog) -> Iterable[Difference]:
    for key in sorted(expected.enums_by_name.keys() | found.enums_by_name.keys()):
        mine, theirs = expected.enums_by_name.get(key), found.enums_by_name.get(key)
        if mine is not None and theirs is not None:
            yield from _labels(mine, theirs)
        elif mine is not None:
            yield _difference(mine.object, Aspect.MISSING, None, "enum", None)
        elif theirs is not None:
            yield _difference(theirs.object, Aspect.EXTRA, None, None, "enum")


def _labels(expected: EnumType, found: EnumType) -> Iterable[Difference]:
    for label in expected.labels:
        if label not in found.labels:
            yield _difference(expected.object, Aspect.LABEL_MISSING, label, label, None)
    for label in found.labels:
        if label not in expected.labels:
            yield _difference(expected.object, Aspect.LABEL_EXTRA, label, None, label)
    mine = [label for label in expected.labels if label in found.labels]
    theirs = [label for label in found.labels if label in expected.labels]
    if mine != theirs:
        yield _difference(expected.object, Aspect.LABEL_ORDER, None, ", ".join(mine), ", ".join(theirs))


def _standalone_objects(catalog: Catalog) -> list[Any]:
    return [sequence for sequence in catalog.sequences if sequence.owned_by is None]


def _compare_whole(expected: Iterable[Any], found: Iterable[Any]) -> Iterable[Difference]:
    """Compare objects that are the same or not, without parts; functions of one name go by their arguments."""
    mine, theirs = {_identity(part): part for part in expected}, {_identity(part): part for part in found}
    for key in sorted(mine.keys() | theirs.keys()):
        one, other = mine.get(key), theirs.get(key)
        if one == other:
            continue
        part: Any = one or other
        aspect = Aspect.DEFINITION if one and other else Aspect.MISSING if one else Aspect.EXTRA
        told = [getattr(each, "definition", None) if aspect is Aspect.DEFINITION else None for each in (one, other)]
        yield _difference(part.object, aspect, getattr(part, "arguments", None), *told)


def _identity(part: Any) -> tuple[str, str, str]:
    return part.schema, part.name, getattr(part, "arguments", "")
