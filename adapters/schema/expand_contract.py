"""Changes of a column in steps: their migrations, proven in a scratch database, and what everybody has to do."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

import asyncpg
from attrs import frozen

from strongroom.adapters.quoting import quote_identifier
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.column_changes import (
    ChangeContext,
    drop_sync_trigger,
    migration_steps,
    read_change,
)
from strongroom.adapters.schema.postgres.replay import extensions_of, replay, replay_migration
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.column_change import (
    ChangeKind,
    ColumnChange,
    ColumnChangeRefused,
    DropColumn,
    Phase,
    RenameOrRetype,
    SetNotNull,
)
from strongroom.domain.schema.comparison import compare
from strongroom.domain.schema.contract import Contract, ContractSide, Language, ObjectKind, SchemaObject

from .check import Declaration, read_declarations
from .new_migrations import NewMigration, new_migrations
from .project import Project
from .sources import ScratchServer, read_migrations

TRANSITION_PERIOD: Final = timedelta(days=90)
Connection: TypeAlias = "asyncpg.Connection[Any]"


@frozen(kw_only=True)
class PlannedChange:
    """The migrations of one end of a change, for a side's history, and what is to be done besides, in its order."""

    change: ColumnChange
    phase: Phase
    side: str
    files: tuple[NewMigration, ...]
    afterwards: tuple[str, ...]
    contract: str
    """What the contract has to say from here on, or no more, as TOML."""


async def plan_change(
    project: Project, change: ColumnChange, phase: Phase, scratch: ScratchServer, now: datetime
) -> PlannedChange:
    """Return the migrations of one end of a change; nothing is written.

    They are applied to what the histories make of an empty database, both ends of them, and have to leave exactly what
    the change made at once would have left. Raises ChangeRefused, ReplayFailed, and what reading the project raises.
    """
    contract = project.contract
    history = read_migrations(contract, project.folder)
    declared = await read_declarations(contract, project.folder, scratch)
    async with scratch.connection(extensions_of(history)) as connection:
        await replay(connection, history)
        before = await read_catalog(connection, contract.schemas)
        side = _owner(contract, change, _table(change, before))
        begun = _has_begun(change, before)
        if phase is Phase.EXPAND:
            if begun:
                message = f"{change} changes already: --phase contract ends it"
                raise ColumnChangeRefused(message)
            read = await read_change(connection, change, contract.schemas)
            files = _migration_files(project, side, change, read, now, Phase.EXPAND)
            ends = _migration_files(project, side, change, read, now, Phase.CONTRACT)
            await _rehearse(connection, contract, change, read, [*files, *ends])
            afterwards = _steps_after_expand(contract, change, read, side, declared)
            return _make_plan(change, phase, side, files, afterwards, now)
        _require_transition_over(contract, change, declared, begun=begun)
        read = await _read_started_change(connection, contract, change)
        _require_views_own(contract, read, side)
        files = _migration_files(project, side, change, read, now, Phase.CONTRACT)
        await _rehearse(connection, contract, change, read, files)
        return _make_plan(change, phase, side, files, (), now)


def _make_plan(  # noqa: PLR0913 - one for each part
    change: ColumnChange,
    phase: Phase,
    side: ContractSide,
    files: Sequence[NewMigration],
    afterwards: Sequence[str],
    now: datetime,
) -> PlannedChange:
    return PlannedChange(
        change=change,
        phase=phase,
        side=side.name,
        files=tuple(files),
        afterwards=tuple(afterwards),
        contract=contract_entry(change, now),
    )


def _table(change: ColumnChange, found: Catalog) -> Relation:
    """Return the column's table. Raises ChangeRefused for a table or column that the histories do not make."""
    relation = found.by_name.get((change.schema, change.table))
    if relation is None or not relation.is_table:
        names = [name for schema, name in found.by_name if schema == change.schema]
        message = f"the histories make no table {change.schema}.{change.table}{_similar_name(change.table, names)}"
        raise ColumnChangeRefused(message)
    if relation.column(change.column) is None:
        message = (
            f"{relation.object} has no column {change.column}{_similar_name(change.column, relation.column_names)}"
        )
        raise ColumnChangeRefused(message)
    return relation


def _similar_name(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f": did you mean {close[0]}?" if close else ""


def _owner(contract: Contract, change: ColumnChange, table: Relation) -> ContractSide:
    owner = contract.owner_of(SchemaObject(ObjectKind.TABLE, change.schema, change.table))
    if owner is None:
        message = f"{table.object} has not exactly one owner by the contract, whose history the change would be in"
        raise ColumnChangeRefused(message)
    side = contract.side(owner)
    if side.migrations is None:
        message = f"{table.object} belongs to {owner}, of whom the contract names no folder of migrations"
        raise ColumnChangeRefused(message)
    return side


def _has_begun(change: ColumnChange, found: Catalog) -> bool:
    relation = found.by_name[change.schema, change.table]
    return any(trigger.name == change.trigger for trigger in relation.triggers)


def _migration_files(  # noqa: PLR0913 - what is made of what
    project: Project, side: ContractSide, change: ColumnChange, read: ChangeContext, now: datetime, phase: Phase
) -> list[NewMigration]:
    return new_migrations(project.folder / str(side.migrations), side, migration_steps(change, read, phase), now)


async def _rehearse(
    connection: Connection, contract: Contract, change: ColumnChange, read: ChangeContext, files: Sequence[NewMigration]
) -> None:
    """Apply both ends, and require what the change made at once leaves."""
    for one in files:
        await replay_migration(connection, one.migration)
    found = await read_catalog(connection, contract.schemas)
    differences = compare(read.catalog, found)
    if differences:
        told = "; ".join(map(str, differences))
        message = f"{change} cannot be changed in steps: not everything would come with it: {told}"
        raise ColumnChangeRefused(message)


async def _read_started_change(connection: Connection, contract: Contract, change: ColumnChange) -> ChangeContext:
    """Read a change that has begun as if it had not: what its beginning made is taken away for the look."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        table = f"ALTER TABLE {quote_identifier(change.schema, change.table)}"
        undone = list(drop_sync_trigger(change)) if not isinstance(change, DropColumn) else []
        if isinstance(change, RenameOrRetype):
            undone.append(f"{table} DROP COLUMN {quote_identifier(change.new)}")
        elif isinstance(change, SetNotNull):
            undone.append(f"{table} DROP CONSTRAINT {quote_identifier(change.not_null_check)}")
        try:
            for statement in undone:
                await connection.execute(statement)
        except asyncpg.PostgresError as error:
            message = f"{change}: its beginning is not as it was written: {error.message}. {error.detail or ''}".strip()
            raise ColumnChangeRefused(message) from None
        return await read_change(connection, change, contract.schemas)
    finally:
        await transaction.rollback()


def _require_transition_over(
    contract: Contract, change: ColumnChange, declared: Sequence[Declaration], *, begun: bool
) -> None:
    """Raise where the change has not begun, or somebody still declares the old form."""
    if not begun and not isinstance(change, DropColumn):
        message = f"{change} has not begun to change: --phase expand comes first, and has to be applied"
        raise ColumnChangeRefused(message)
    users = []
    for one in declared:
        relation = one.catalog.by_name.get((change.schema, change.table))
        column = relation.column(change.column) if relation else None
        if column is not None and (column.nullable or not isinstance(change, SetNotNull)):
            users.append(f"{one.declared_schema.name} ({one.declared_schema.side})")
    if not isinstance(change, SetNotNull):
        users += [f"the contract's readers.{reader}" for reader in _readers_by_column(contract, change)]
    if users:
        what = "declares it nullable" if isinstance(change, SetNotNull) else "declares it"
        message = f"{change} is still in use: {', '.join(users)} {what}"
        raise ColumnChangeRefused(message)


def _readers_by_column(contract: Contract, change: ColumnChange) -> list[str]:
    """Return the sides whose reading of the table the contract narrows to columns, this one among them."""
    target = SchemaObject(ObjectKind.TABLE, change.schema, change.table)
    columns = {side.name: contract.reading(side.name, target).columns for side in contract.sides}
    return [name for name, names in columns.items() if names is not None and change.column in names]


def _require_views_own(contract: Contract, read: ChangeContext, side: ContractSide) -> None:
    for view in read.views:
        owner = contract.owner_of(SchemaObject(ObjectKind.VIEW, view.schema, view.name))
        if owner != side.name:
            message = f"the view {view.schema}.{view.name} of {owner} still shows the column: it has to move first"
            raise ColumnChangeRefused(message)


def _steps_after_expand(
    contract: Contract, change: ColumnChange, read: ChangeContext, side: ContractSide, declared: Sequence[Declaration]
) -> list[str]:
    """Return what everybody has to do in the period, and to look at before."""
    said = [f"every row that is filled fires: {definition}" for definition in read.triggers_fired]
    if read.mentions:
        said.append(f"these functions name it, and are not changed: {', '.join(read.mentions)}")
    for view in read.views:
        owner = contract.owner_of(SchemaObject(ObjectKind.VIEW, view.schema, view.name))
        if owner != side.name:
            said.append(f"{owner} moves its view {view.schema}.{view.name}")
    said += [
        f"the contract's readers.{reader} names {change.column}: name {change.becomes} beside it, and run "
        "strongroom schema guard install"
        for reader in _readers_by_column(contract, change)
        if change.becomes is not None
    ]
    for one in declared:
        relation = one.catalog.by_name.get((change.schema, change.table))
        if relation is None or relation.column(change.column) is None:
            continue
        whose = one.declared_schema
        advice = _advice_for_side(change, one, owns=whose.side == side.name)
        said.append(f"{whose.side} ({whose.name}): {advice}")
    said.append(f"when nobody declares the old form any more: {change_command(change)} --phase contract")
    return said


def _advice_for_side(change: ColumnChange, one: Declaration, *, owns: bool) -> str:
    if isinstance(change, DropColumn):
        return f"take {change.column} out"
    if isinstance(change, SetNotNull):
        return f"declare {change.column} without null"
    if one.declared_schema.language is not Language.PRISMA:
        return f"declare {change.new} in place of {change.column}"
    meanwhile = f"; until then no prisma migrate dev, which would drop {change.new}" if owns else ""
    return f'the field of {change.column} gets @map("{change.new}") and keeps its name in code{meanwhile}'


def change_command(change: ColumnChange) -> str:
    """Return the command that made a change."""
    words = ["strongroom schema expand-contract", change_kind(change).value]
    place = f"{change.table}.{change.column}"
    words.append(place if change.schema == "public" else f"{change.schema}.{place}")
    if isinstance(change, RenameOrRetype):
        words += [change.new] + ([f'"{change.type}"'] if change.type else [])
        for option, sql in (("forth", change.forward_sql), ("back", change.backward_sql)):
            words += [f"--{option} '{sql}'"] if sql else []
    elif change.fill is not None:
        words.append(f'--fill "{change.fill}"')
    return " ".join(words)


def change_kind(change: ColumnChange) -> ChangeKind:
    """Return what becomes of the column, as the contract says it."""
    if isinstance(change, RenameOrRetype):
        return ChangeKind.RENAME if change.type is None else ChangeKind.TYPE
    return ChangeKind.DROP if isinstance(change, DropColumn) else ChangeKind.NOT_NULL


def contract_entry(change: ColumnChange, now: datetime) -> str:
    """Return what the contract says of a change while it is under way, as TOML."""
    lines = ["[[changes]]", f'column = "{change}"', f'kind = "{change_kind(change).value}"']
    if change.becomes is not None:
        lines.append(f'to = "{change.becomes}"')
    lines.append(f"expires = {(now + TRANSITION_PERIOD).date().isoformat()}")
    return "\n".join(lines) + "\n"
