"""Decide whether a change of a column may begin or end, who owns it, and what each side has to do meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final

from .catalog import Catalog, Relation
from .change_context import ChangeContext
from .check import Declaration
from .column_change import (
    ChangeKind,
    ColumnChange,
    ColumnChangeRefused,
    DropColumn,
    RenameOrRetype,
    SetNotNull,
)
from .contract import Contract, ContractSide, Language, ObjectKind, SchemaObject

TRANSITION_PERIOD: Final = timedelta(days=90)
"""How long both forms of a column are to work."""


def changed_table(change: ColumnChange, found: Catalog) -> Relation:
    """Return the column's table. Raises ColumnChangeRefused for a table or column that the histories do not make."""
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


def owning_side(contract: Contract, change: ColumnChange, table: Relation) -> ContractSide:
    """Return the side that owns the column's table. Raises ColumnChangeRefused if it has no history to change."""
    owner = contract.owner_of(SchemaObject(ObjectKind.TABLE, change.schema, change.table))
    if owner is None:
        message = f"{table.object} has not exactly one owner by the contract, whose history the change would be in"
        raise ColumnChangeRefused(message)
    side = contract.side(owner)
    if side.migrations is None:
        message = f"{table.object} belongs to {owner}, of whom the contract names no folder of migrations"
        raise ColumnChangeRefused(message)
    return side


def has_begun(change: ColumnChange, found: Catalog) -> bool:
    """Return whether the table has the trigger that keeps both forms in step."""
    relation = found.by_name[change.schema, change.table]
    return any(trigger.name == change.trigger for trigger in relation.triggers)


def require_transition_over(
    contract: Contract, change: ColumnChange, declared: Sequence[Declaration], *, begun: bool
) -> None:
    """Raise ColumnChangeRefused if the change has not begun, or if a side still declares the old form."""
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


def require_own_views(contract: Contract, context: ChangeContext, side: ContractSide) -> None:
    """Raise ColumnChangeRefused if a view of another side still shows the column."""
    for view in context.views:
        owner = contract.owner_of(SchemaObject(ObjectKind.VIEW, view.schema, view.name))
        if owner != side.name:
            message = f"the view {view.schema}.{view.name} of {owner} still shows the column: it has to move first"
            raise ColumnChangeRefused(message)


def steps_after_expand(
    contract: Contract,
    change: ColumnChange,
    context: ChangeContext,
    side: ContractSide,
    declared: Sequence[Declaration],
) -> list[str]:
    """Return what everybody has to do in the period, and to look at before."""
    said = [f"every row that is filled fires: {definition}" for definition in context.triggers_fired]
    if context.mentions:
        said.append(f"these functions name it, and are not changed: {', '.join(context.mentions)}")
    for view in context.views:
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
