"""Find out what pending migrations will do, by applying them statement by statement to a scratch database."""

from collections.abc import Iterable, Sequence
from typing import Final

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import Declaration
from strongroom.domain.schema.comparison import Aspect, Difference, compare
from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.impact import StatementImpact, strongest_locks
from strongroom.domain.schema.reader_impact import reader_impacts

from .world import M, SafeAlternatives, ScratchDatabase, StatementEffect

_CONCURRENT: Final = "ShareUpdateExclusiveLock"
"""The lock that CREATE, DROP and REINDEX CONCURRENTLY hold on the table throughout."""
_OF_INDEXES: Final = frozenset(
    {Aspect.INDEX, Aspect.INDEX_EXTRA, Aspect.INDEX_MISSING, Aspect.UNIQUE_EXTRA, Aspect.UNIQUE_MISSING}
)
_SHOWN_LENGTH: Final = 200


async def analyze_impact(  # noqa: PLR0913 - what is compared with what
    contract: Contract,
    before: Sequence[M],
    pending: Sequence[M],
    declared: Iterable[Declaration],
    scratch: ScratchDatabase[M],
    *,
    alternatives: SafeAlternatives,
    live: Catalog | None = None,
) -> list[StatementImpact]:
    """Return what every statement of the pending migrations does; ``live`` tells how large the tables really are.

    Raises ReplayFailed if one cannot be applied.
    """
    declared = list(declared)
    impacts: list[StatementImpact] = []
    first = Catalog()
    migration = None
    async for effect in scratch.rehearse(before, pending, contract.schemas):
        if effect.migration != migration:
            migration, first = effect.migration, effect.before
        impacts.append(_statement_impact(contract, effect, declared, first, live, alternatives))
    return impacts


def _statement_impact(  # noqa: PLR0913 - what is compared with what
    contract: Contract,
    effect: StatementEffect,
    declared: Iterable[Declaration],
    first: Catalog,
    live: Catalog | None,
    alternatives: SafeAlternatives,
) -> StatementImpact:
    changes = compare(effect.before, effect.after)
    held = effect.held
    if held is None:
        held = tuple((*key, _CONCURRENT) for key in _tables_with_index_changes(changes))
    locks = strongest_locks(held, first, effect.rewritten, live)
    readers = [one for one in declared if contract.side(one.declared_schema.side).kind is not effect.history]
    return StatementImpact(
        migration=effect.migration,
        line=effect.line,
        statement=" ".join(effect.statement.split())[:_SHOWN_LENGTH],
        changes=tuple(map(str, changes)),
        readers=tuple(reader_impacts(contract, readers, effect.before, effect.after)),
        locks=locks,
        advice=alternatives(changes, locks, effect.before, effect.after),
    )


def _tables_with_index_changes(changes: Iterable[Difference]) -> list[tuple[str, str]]:
    """Return the tables whose indexes a statement made or dropped."""
    return [(one.target.schema, one.target.name) for one in changes if one.aspect in _OF_INDEXES]
