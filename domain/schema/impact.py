"""What a change of a schema does to those who read it: whether it breaks them now, later or never, and a safe way."""

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Final

from attrs import frozen

from .catalog import Catalog, Column
from .comparison import Aspect, Difference
from .contract import ObjectKind, SchemaObject
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


def advice(
    changes: Iterable[Difference], locks: Iterable[LockTaken], before: Catalog, after: Catalog
) -> tuple[str, ...]:
    """Return the safe ways for what a statement changes and locks; none for what has been made safe before."""
    said: dict[str, None] = {}
    made = [change for change in changes if not _is_proven(change, before)]
    for change in made:
        way = _ALTERNATIVES.get(change.aspect)
        if way is not None and verdict(change, after) is not Verdict.NEVER:
            said[way] = None
    for lock in locks:
        for way in _safe_alternatives(lock, [one for one in made if _concerns(one, lock)], before, after):
            said[way] = None
    return tuple(said)


def _concerns(change: Difference, lock: LockTaken) -> bool:
    return (change.target.schema, change.target.name) == (lock.target.schema, lock.target.name)


def _safe_alternatives(lock: LockTaken, made: list[Difference], before: Catalog, after: Catalog) -> Iterable[str]:
    """Yield how to do what a statement did without its lock, or with a short one."""
    aspects = {one.aspect for one in made}
    gone = after.by_name.get((lock.target.schema, lock.target.name)) is None
    if lock.rewrites and Aspect.TYPE in aspects:
        yield (
            f"{lock.target} is written anew under {lock.mode}, which blocks {lock.blocks}: "
            "strongroom schema expand-contract type copies it in batches instead"
        )
    elif lock.rewrites and Aspect.COLUMN_EXTRA in aspects:
        yield (
            f"{lock.target} is written anew under {lock.mode}, which blocks {lock.blocks}: "
            "add the column without what fills it, set its default next, and fill older rows in batches"
        )
    elif lock.rewrites and lock.target.kind is ObjectKind.MATERIALIZED_VIEW:
        yield "REFRESH MATERIALIZED VIEW CONCURRENTLY blocks no reader; it needs a unique index"
    if lock.mode == "ShareLock" and not aspects.isdisjoint({Aspect.INDEX_EXTRA, Aspect.UNIQUE_EXTRA}):
        yield _CONCURRENTLY
    elif lock.mode == "AccessExclusiveLock" and Aspect.UNIQUE_EXTRA in aspects:
        yield "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … UNIQUE USING INDEX, which is short"
    elif lock.mode == "AccessExclusiveLock" and Aspect.INDEX_MISSING in aspects and not gone:
        yield "DROP INDEX CONCURRENTLY, in a file with -- strongroom: no-transaction, blocks nobody"
    if any(one.aspect is Aspect.FOREIGN_KEY_EXTRA and not str(one.found).endswith("NOT VALID") for one in made):
        yield "add the foreign key NOT VALID, and VALIDATE it in the next migration"
    if any(one.aspect is Aspect.CHECK and one.found and not one.found.endswith("NOT VALID") for one in made):
        known = before.by_name.get((lock.target.schema, lock.target.name))
        if lock.mode == "AccessExclusiveLock" and known is not None:
            yield "add the check NOT VALID, and VALIDATE it in the next migration"


def _is_proven(change: Difference, before: Catalog) -> bool:
    """Say whether a column that takes no null any more has had none: a valid check says so, and nothing is scanned."""
    relation = before.by_name.get((change.target.schema, change.target.name))
    proofs = {f"({name} IS NOT NULL)" for name in (change.part, f'"{change.part}"')}
    valid = {check.expression for check in relation.checks if check.validated} if relation else set()
    return change.aspect is Aspect.NULLABILITY and not valid.isdisjoint(proofs)


_CONCURRENTLY: Final = "CREATE INDEX CONCURRENTLY, in a file with -- strongroom: no-transaction, blocks no writer"
_ALTERNATIVES: Final = {
    Aspect.COLUMN_RENAMED: "strongroom schema expand-contract rename keeps both names in step until the old is unused",
    Aspect.COLUMN_MISSING: "strongroom schema expand-contract drop: readers leave the column first, then it goes",
    Aspect.MISSING: "leave a view with the old name until nobody reads it",
    Aspect.TYPE: "strongroom schema expand-contract type gives the new type a column of its own, kept in step",
    Aspect.NULLABILITY: "strongroom schema expand-contract not-null: a CHECK NOT VALID, validated, then SET NOT NULL",
    Aspect.LABEL_EXTRA: "have the readers know the value before a row has it: generate and deploy them first",
    Aspect.LABEL_MISSING: "keep the value until no reader and no row has it",
    Aspect.COLUMN_EXTRA: "give the column a default, or leave it nullable until every writer fills it",
    Aspect.UNIQUE_EXTRA: "look for duplicates first, and tell the writers: their writes may fail from then on",
}
