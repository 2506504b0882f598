"""What a change of a schema does to those who read it: whether it breaks them now, later or never, and a safe way."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from attrs import frozen

from .catalogue import Catalogue
from .comparison import Aspect, Difference
from .contract import SchemaObject


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
    truth: str
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
        Aspect.TYPE,
        Aspect.PRIMARY_KEY,
        Aspect.LABEL_MISSING,
        Aspect.UNIQUE_MISSING,
        Aspect.KIND,
        Aspect.GENERATED,
        Aspect.IDENTITY,
    }
)
_LATER: Final = frozenset(
    {
        Aspect.LABEL_EXTRA,
        Aspect.LABEL_ORDER,
        Aspect.DEFAULT,
        Aspect.FOREIGN_KEY,
        Aspect.FOREIGN_KEY_MISSING,
        Aspect.FOREIGN_KEY_EXTRA,
        Aspect.UNIQUE_EXTRA,
        Aspect.CHECK,
        Aspect.EXCLUSION,
        Aspect.TRIGGER,
        Aspect.ROW_SECURITY,
        Aspect.NAME,
        Aspect.INDEX,
        Aspect.INDEX_MISSING,
        Aspect.COLLATION,
    }
)


def verdict(difference: Difference, after: Catalogue) -> Verdict:
    """Say when a difference between what a reader declares and what will be breaks the reader.

    A column that takes no null and has no default breaks whoever writes; a null where none was breaks when one comes.
    """
    if difference.aspect is Aspect.COLUMN_EXTRA:
        relation = after.by_name.get((difference.target.schema, difference.target.name))
        column = relation.column(str(difference.part)) if relation else None
        fills_itself = column is None or column.nullable or column.default is not None or column.generated is not None
        return Verdict.NEVER if fills_itself or (column and column.identity) else Verdict.NOW
    if difference.aspect is Aspect.NULLABILITY:
        return Verdict.LATER if difference.expected == "NOT NULL" else Verdict.NOW
    if difference.aspect in _NOW:
        return Verdict.NOW
    return Verdict.LATER if difference.aspect in _LATER else Verdict.NEVER


def advice(
    changes: Iterable[Difference], locks: Iterable[LockTaken], before: Catalogue, after: Catalogue
) -> tuple[str, ...]:
    """Return the safe ways for what a statement changes and locks; none for what has been made safe before."""
    said: dict[str, None] = {}
    made = [change for change in changes if not _is_proven(change, before)]
    for change in made:
        way = _WAYS.get(change.aspect)
        if way is not None and verdict(change, after) is not Verdict.NEVER:
            said[way] = None
    for lock in locks:
        if lock.rewrites:
            said[
                f"{lock.target} is written anew under {lock.mode}, which blocks {lock.blocks}: "
                "strongroom schema expand-contract type copies it in batches instead"
            ] = None
        elif lock.mode == "ShareLock":
            said[_CONCURRENTLY] = None
        elif lock.mode == "ShareRowExclusiveLock" and any(part.aspect is Aspect.FOREIGN_KEY_EXTRA for part in made):
            said["add the foreign key NOT VALID, and VALIDATE it in the next migration"] = None
    return tuple(said)


def _is_proven(change: Difference, before: Catalogue) -> bool:
    """Say whether a column that takes no null any more has had none: a valid check says so, and nothing is scanned."""
    relation = before.by_name.get((change.target.schema, change.target.name))
    proofs = {f"({name} IS NOT NULL)" for name in (change.part, f'"{change.part}"')}
    valid = {check.expression for check in relation.checks if check.validated} if relation else set()
    return change.aspect is Aspect.NULLABILITY and not valid.isdisjoint(proofs)


_CONCURRENTLY: Final = "CREATE INDEX CONCURRENTLY, in a file with -- strongroom: no-transaction, blocks no writer"
_WAYS: Final = {
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
