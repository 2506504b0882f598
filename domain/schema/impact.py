"""Judge what a change of a schema does to those who read it: whether it breaks them now, later or never."""

from collections.abc import Callable, Container, Mapping, Sequence
from enum import IntEnum
from typing import Final

from attrs import frozen

from .catalog import Catalog, Column
from .comparison import Aspect, Difference
from .contract import SchemaObject
from .type_change import is_widening, is_wire_compatible


class Verdict(IntEnum):
    """When a change breaks a reader, the worst last."""

    NEVER = 0
    LATER = 1
    NOW = 2


@frozen
class LockTaken:
    """A lock that a statement takes on a table that was there, and whether it writes the table anew."""

    target: SchemaObject
    mode: str
    rewrites: bool = False
    estimated_rows: int = 0
    size_bytes: int = 0

    @property
    def blocks(self) -> str:
        """What waits meanwhile."""
        if self.mode == "AccessExclusiveLock":
            return "reads and writes"
        return "writes" if self.mode in _BLOCKS_WRITES else "nothing but other changes of the table"


@frozen
class ReaderImpact:
    """What a change does to one who declares the object: ``side`` reads it by ``truth``."""

    side: str
    declared_schema: str
    verdict: Verdict
    why: str


@frozen(kw_only=True)
class StatementImpact:
    """What one statement of a migration changes, whom it concerns, and what it locks."""

    migration: str
    line: int
    statement: str
    changes: tuple[str, ...]
    readers: tuple[ReaderImpact, ...]
    locks: tuple[LockTaken, ...]
    advice: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst that it does to anybody."""
        return max((reader.verdict for reader in self.readers), default=Verdict.NEVER)


_LOCK_STRENGTH: Final = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
_WEAK_LOCKS: Final = 3
"""Locks weaker than this one's place in the order keep nobody from reading or writing."""
_BLOCKS_WRITES: Final = frozenset({"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock"})
_NOW: Final = frozenset(
    {
        Aspect.MISSING,
        Aspect.COLUMN_MISSING,
        Aspect.COLUMN_RENAMED,
        Aspect.PRIMARY_KEY,
        Aspect.LABEL_MISSING,
        Aspect.UNIQUE_MISSING,
        Aspect.KIND,
        Aspect.GENERATED,
    }
)
_LATER: Final = frozenset(
    {
        Aspect.LABEL_EXTRA,
        Aspect.LABEL_ORDER,
        Aspect.FOREIGN_KEY,
        Aspect.FOREIGN_KEY_MISSING,
        Aspect.FOREIGN_KEY_EXTRA,
        Aspect.UNIQUE_EXTRA,
        Aspect.CHECK,
        Aspect.EXCLUSION,
        Aspect.TRIGGER,
        Aspect.POLICY,
        Aspect.NAME,
        Aspect.INDEX,
        Aspect.INDEX_MISSING,
        Aspect.COLLATION,
    }
)


def verdict(difference: Difference, after: Catalog) -> Verdict:
    """Say when a difference between what a reader declares and what will be breaks the reader.

    A column that takes no null and has no default breaks whoever writes; a null where none was breaks when one comes.
    """
    special = _VERDICTS.get(difference.aspect)
    if special is not None:
        return special(difference, after)
    if difference.aspect in _NOW:
        return Verdict.NOW
    return Verdict.LATER if difference.aspect in _LATER else Verdict.NEVER


def _has_default_or_null(difference: Difference, after: Catalog) -> Column | None:
    relation = after.by_name.get((difference.target.schema, difference.target.name))
    return relation.column(str(difference.part)) if relation else None


def _verdict_on_extra_column(difference: Difference, after: Catalog) -> Verdict:
    column = _has_default_or_null(difference, after)
    fills_itself = column is None or column.nullable or column.default is not None or column.generated is not None
    return Verdict.NEVER if fills_itself or (column and column.identity) else Verdict.NOW


def _verdict_on_type(difference: Difference, _after: Catalog) -> Verdict:
    before, now = str(difference.expected), str(difference.found)
    if is_widening(before, now):
        return Verdict.NEVER
    return Verdict.LATER if is_wire_compatible(before, now) else Verdict.NOW


def _verdict_on_default(difference: Difference, after: Catalog) -> Verdict:
    """Whoever leaves the value to the database has none any more; a literal, whoever declares it can give himself."""
    column = _has_default_or_null(difference, after)
    required = column is not None and not column.nullable and column.identity is None
    computed = (
        difference.expected is not None and not difference.expected.startswith("'") and "(" in difference.expected
    )
    return Verdict.NOW if required and computed and difference.found is None else Verdict.LATER


_VERDICTS: Final[Mapping[Aspect, Callable[[Difference, Catalog], Verdict]]] = {
    Aspect.COLUMN_EXTRA: _verdict_on_extra_column,
    Aspect.TYPE: _verdict_on_type,
    Aspect.DEFAULT: _verdict_on_default,
    Aspect.NULLABILITY: lambda one, _: Verdict.LATER if one.expected == "NOT NULL" else Verdict.NOW,
    Aspect.IDENTITY: lambda one, _: Verdict.NOW if one.found == "always" else Verdict.LATER,
    Aspect.RULE: lambda one, _: Verdict.NOW if one.found else Verdict.LATER,
    Aspect.ROW_SECURITY: lambda one, _: Verdict.NOW if str(one.found).startswith("true") else Verdict.LATER,
}
UNDECLARED: Final = frozenset(
    {
        Aspect.CHECK,
        Aspect.EXCLUSION,
        Aspect.GENERATED,
        Aspect.IDENTITY,
        Aspect.POLICY,
        Aspect.ROW_SECURITY,
        Aspect.RULE,
        Aspect.TRIGGER,
        Aspect.UNIQUE_EXTRA,
    }
)
"""What concerns those who write or read a table, whether their language can declare it or not."""


def strongest_locks(
    held: Sequence[tuple[str, str, str]], before: Catalog, rewritten: Container[tuple[str, str]], live: Catalog | None
) -> tuple[LockTaken, ...]:
    """Return the strongest lock on each table that existed before and whose readers or writers it can block.

    ``held`` is schema, name and mode of every lock; ``live`` is the database whose sizes are told.
    """
    strongest: dict[tuple[str, str], str] = {}
    for schema, name, mode in held:
        known = strongest.get((schema, name), _LOCK_STRENGTH[0])
        strongest[schema, name] = max(known, mode, key=_LOCK_STRENGTH.index)
    taken = []
    for key, mode in sorted(strongest.items()):
        relation = before.by_name.get(key)
        if relation is None or _LOCK_STRENGTH.index(mode) < _WEAK_LOCKS:
            continue
        sized = live.by_name.get(key, relation) if live else relation
        taken.append(LockTaken(relation.object, mode, key in rewritten, sized.estimated_rows, sized.size_bytes))
    return tuple(taken)
