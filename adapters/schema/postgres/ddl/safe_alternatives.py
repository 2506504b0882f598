"""Safe ways to do what a statement of a migration changes and locks."""

from collections.abc import Container, Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Aspect, Difference
from strongroom.domain.schema.contract import ObjectKind
from strongroom.domain.schema.impact import LockTaken, Verdict, verdict


def safe_alternatives(
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
        for way in _alternatives_to_lock(lock, [one for one in made if _concerns(one, lock)], before, after):
            said[way] = None
    return tuple(said)


def _concerns(change: Difference, lock: LockTaken) -> bool:
    return (change.target.schema, change.target.name) == (lock.target.schema, lock.target.name)


def _alternatives_to_lock(lock: LockTaken, made: list[Difference], before: Catalog, after: Catalog) -> Iterable[str]:
    """Yield how to do what a statement did without its lock, or with a short one."""
    aspects = {one.aspect for one in made}
    name = lock.target.schema, lock.target.name
    if lock.rewrites:
        yield from _alternatives_to_rewrite(lock, aspects)
    yield from _concurrent_alternatives(lock, aspects, dropped=after.by_name.get(name) is None)
    yield from _later_validations(lock, made, existed=before.by_name.get(name) is not None)


def _alternatives_to_rewrite(lock: LockTaken, aspects: Container[Aspect]) -> Iterable[str]:
    if Aspect.TYPE in aspects:
        yield (
            f"{lock.target} is written anew under {lock.mode}, which blocks {lock.blocks}: "
            "strongroom schema expand-contract type copies it in batches instead"
        )
    elif Aspect.COLUMN_EXTRA in aspects:
        yield (
            f"{lock.target} is written anew under {lock.mode}, which blocks {lock.blocks}: "
            "add the column without what fills it, set its default next, and fill older rows in batches"
        )
    elif lock.target.kind is ObjectKind.MATERIALIZED_VIEW:
        yield "REFRESH MATERIALIZED VIEW CONCURRENTLY blocks no reader; it needs a unique index"


def _concurrent_alternatives(lock: LockTaken, aspects: AbstractSet[Aspect], *, dropped: bool) -> Iterable[str]:
    if lock.mode == "ShareLock" and not aspects.isdisjoint({Aspect.INDEX_EXTRA, Aspect.UNIQUE_EXTRA}):
        yield _CONCURRENTLY
    elif lock.mode == "AccessExclusiveLock" and Aspect.UNIQUE_EXTRA in aspects:
        yield "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … UNIQUE USING INDEX, which is short"
    elif lock.mode == "AccessExclusiveLock" and Aspect.INDEX_MISSING in aspects and not dropped:
        yield "DROP INDEX CONCURRENTLY, in a file with -- strongroom: no-transaction, blocks nobody"


def _later_validations(lock: LockTaken, made: Iterable[Difference], *, existed: bool) -> Iterable[str]:
    validated = [one.aspect for one in made if one.found and not one.found.endswith("NOT VALID")]
    if Aspect.FOREIGN_KEY_EXTRA in validated:
        yield "add the foreign key NOT VALID, and VALIDATE it in the next migration"
    if Aspect.CHECK in validated and lock.mode == "AccessExclusiveLock" and existed:
        yield "add the check NOT VALID, and VALIDATE it in the next migration"


def _is_proven(change: Difference, before: Catalog) -> bool:
    """Say whether a column that takes no null any more has had none: a valid check says so, and nothing is scanned."""
    relation = before.by_name.get((change.target.schema, change.target.name))
    proofs = {f"({name} IS NOT NULL)" for name in (change.part, quote_identifier(str(change.part)))}
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
