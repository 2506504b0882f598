"""Compute a role's rights on rows: all on its own side's tables, and on another side's only those of the contract."""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import frozen

from strongroom.adapters.postgres.migrator.history import is_bookkeeping
from strongroom.domain.schema.contract import Contract, ObjectKind, SchemaObject, Write

from .roles import Role

ROW_PRIVILEGES: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_RELATIONS: Final = {ObjectKind.TABLE, ObjectKind.VIEW, ObjectKind.MATERIALIZED_VIEW}
_WRITES: Final = {Write.INSERT: "INSERT", Write.UPDATE: "UPDATE", Write.DELETE: "DELETE"}


@frozen
class Rights:
    """A role's rights on a relation: on the whole relation, and on some of its columns."""

    whole: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    """Pairs of a privilege and a column."""


NO_RIGHTS: Final = Rights()


def rights_of(contract: Contract, role: Role, target: SchemaObject) -> Rights | None:
    """Return what a role may do with an object, or None where it owns it (or nobody does) and is not to be held."""
    owner = contract.owner_of(target)
    if owner is None or (owner == role.side and role.migrates):
        return None
    if target.kind is ObjectKind.SEQUENCE:
        return Rights(frozenset({"USAGE", "SELECT"})) if owner == role.side else NO_RIGHTS
    if target.kind not in _RELATIONS:
        return None
    if owner == role.side:
        # Only a migrator writes the record of what is applied.
        return Rights(frozenset({"SELECT"}) if is_bookkeeping(target.name) else ROW_PRIVILEGES)
    reading = contract.reading(role.side, target)
    writes = frozenset(_WRITES[write] for write in reading.writes)
    # Only a migrator makes foreign keys; views take the grants of tables, as default privileges give them.
    reads = frozenset({"SELECT", "REFERENCES"} if role.migrates else {"SELECT"})
    if reading.columns is None:
        return Rights(reads | writes)
    return Rights(writes, frozenset((privilege, column) for privilege in reads for column in reading.columns))


def by_privilege(columns: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Return the columns of each privilege, both sorted."""
    grouped: dict[str, list[str]] = {}
    for privilege, column in sorted(columns):
        grouped.setdefault(privilege, []).append(column)
    return grouped
