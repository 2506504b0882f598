"""The name spaces of PostgreSQL: which names objects of different kinds cannot share, and whose a name is.

PostgreSQL keeps one name space per schema for relations, one for types and one for functions. A table or a view takes
a name in two of them, because its rows have a type. So a view can take the name of a table, and an enum can.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

from attrs import frozen

from .contract import Contract, ObjectKind, Ownership, Pattern, SchemaObject


class NameSpace(Enum):
    """Within a schema, two objects of one name space cannot have the same name."""

    RELATION = "relation"
    TYPE = "type"
    FUNCTION = "function"


_OF_KIND: Final = {
    ObjectKind.TABLE: frozenset({NameSpace.RELATION, NameSpace.TYPE}),
    ObjectKind.VIEW: frozenset({NameSpace.RELATION, NameSpace.TYPE}),
    ObjectKind.MATERIALIZED_VIEW: frozenset({NameSpace.RELATION, NameSpace.TYPE}),
    ObjectKind.SEQUENCE: frozenset({NameSpace.RELATION}),
    ObjectKind.ENUM: frozenset({NameSpace.TYPE}),
    # A composite type is a relation as well; the contract does not tell it from a domain or a range.
    ObjectKind.TYPE: frozenset({NameSpace.RELATION, NameSpace.TYPE}),
    ObjectKind.FUNCTION: frozenset({NameSpace.FUNCTION}),
}


def name_spaces(kind: ObjectKind | None) -> frozenset[NameSpace]:
    """Return the name spaces in which an object of a kind takes its name: all of them for any kind, None."""
    return frozenset(NameSpace) if kind is None else _OF_KIND[kind]


@frozen
class NameConflict:
    """An object that has the name of another side's object: one that is there, or one that could then not be made."""

    target: SchemaObject
    claim: Ownership

    def __str__(self) -> str:
        kind = self.claim.kind.value if self.claim.kind is not None else "object"
        return (
            f'{self.target} has the name of the {kind} {self.claim.pattern}, which belongs to the side "'
            f'{self.claim.side}": rename it'
        )


def claims_on(contract: Contract, target: SchemaObject) -> list[Ownership]:
    """Return the ownerships of a contract that decide whose an object's name is, in the order of the contract.

    A written name counts before a glob. Of either, one of the object's own kind counts before one of another kind in
    the same name space. A side that has the database to itself shares its names with nobody: there are none.
    """
    if len(contract.sides) == 1:
        return []
    for part in sync_functions(contract):
        if part.covers(target):
            return [part]
    spaces = name_spaces(target.kind)
    ranked: dict[tuple[bool, bool], list[Ownership]] = {}
    for part in contract.ownerships_of_name(target.schema, target.name):
        same_kind = part.kind in {None, target.kind}
        if same_kind or not spaces.isdisjoint(name_spaces(part.kind)):
            ranked.setdefault((part.pattern.is_glob, not same_kind), []).append(part)
    return ranked[min(ranked)] if ranked else []


def sync_functions(contract: Contract) -> list[Ownership]:
    """Return the ownerships of the functions that keep a changing column in step: each belongs to its table's side."""
    found = []
    for change in contract.changes:
        owner = contract.owner_of(SchemaObject(ObjectKind.TABLE, change.schema, change.table))
        if owner is not None:
            found.append(Ownership(owner, ObjectKind.FUNCTION, Pattern(change.schema, change.function)))
    return found


def name_conflicts(contract: Contract, targets: Iterable[SchemaObject]) -> list[NameConflict]:
    """Return the objects whose name the contract gives to a side that does not own them, in the order given."""
    found = []
    for target in targets:
        claims = claims_on(contract, target)
        sides = {claim.side for claim in claims}
        if len(sides) == 1 and contract.owners_of(target) != tuple(sides):
            found.append(NameConflict(target, claims[0]))
    return found
