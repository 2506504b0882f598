"""Plan one end of a change of a column: its migrations, rehearsed in a scratch database, and everybody's next steps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic

from attrs import frozen

from strongroom.domain.schema.change_context import ChangeContext
from strongroom.domain.schema.change_policy import (
    changed_table,
    contract_entry,
    has_begun,
    owning_side,
    require_own_views,
    require_transition_over,
    steps_after_expand,
)
from strongroom.domain.schema.column_change import ColumnChange, ColumnChangeRefused, Phase
from strongroom.domain.schema.comparison import compare
from strongroom.domain.schema.contract import Contract, ContractSide

from .world import ChangeMigrations, Coordination, M, NewMigration, ReplayedDatabase


@frozen(kw_only=True)
class PlannedChange(Generic[M]):
    """The migrations of one end of a change, for a side's history, and what is to be done besides, in its order."""

    change: ColumnChange
    phase: Phase
    side: str
    files: tuple[NewMigration[M], ...]
    afterwards: tuple[str, ...]
    contract: str
    """The entries to add to the contract, or to remove from it, as TOML."""


async def plan_change(
    project: Coordination[M], change: ColumnChange, phase: Phase, migrations: ChangeMigrations[M], now: datetime
) -> PlannedChange[M]:
    """Return the migrations of one end of a change; nothing is written.

    They are applied to what the histories make of an empty database, both ends of them, and have to leave exactly what
    the change made at once would have left. Raises ColumnChangeRefused, ReplayFailed, and what reading the project
    raises.
    """
    contract = project.contract
    declared = await project.declared.read_declarations()
    async with project.scratch.replayed(project.history.read_migrations()) as database:
        before = await database.read_catalog(contract.schemas)
        side = owning_side(contract, change, changed_table(change, before))
        begun = has_begun(change, before)
        afterwards: Sequence[str] = ()
        if phase is Phase.EXPAND:
            if begun:
                message = f"{change} changes already: --phase contract ends it"
                raise ColumnChangeRefused(message)
            context = await database.read_change(change, contract.schemas)
            files = migrations.prepare(side, change, context, Phase.EXPAND)
            ends = migrations.prepare(side, change, context, Phase.CONTRACT)
            await _rehearse(database, contract, change, context, [*files, *ends])
            afterwards = steps_after_expand(contract, change, context, side, declared)
        else:
            require_transition_over(contract, change, declared, begun=begun)
            context = await database.read_started_change(change, contract.schemas)
            require_own_views(contract, context, side)
            files = migrations.prepare(side, change, context, Phase.CONTRACT)
            await _rehearse(database, contract, change, context, files)
    return _make_plan(change, phase, side, files, afterwards, now)


def _make_plan(  # noqa: PLR0913 - one for each part
    change: ColumnChange,
    phase: Phase,
    side: ContractSide,
    files: Sequence[NewMigration[M]],
    afterwards: Sequence[str],
    now: datetime,
) -> PlannedChange[M]:
    return PlannedChange(
        change=change,
        phase=phase,
        side=side.name,
        files=tuple(files),
        afterwards=tuple(afterwards),
        contract=contract_entry(change, now),
    )


async def _rehearse(
    database: ReplayedDatabase[M],
    contract: Contract,
    change: ColumnChange,
    context: ChangeContext,
    files: Sequence[NewMigration[M]],
) -> None:
    """Apply migrations, and require that they leave what the change made at once leaves."""
    await database.apply(one.migration for one in files)
    differences = compare(context.catalog, await database.read_catalog(contract.schemas))
    if differences:
        told = "; ".join(map(str, differences))
        message = f"{change} cannot be changed in steps: not everything would come with it: {told}"
        raise ColumnChangeRefused(message)
