"""From a row of stored values to an entity, as fast as attribute assignment: generated once per entity class.

A frozen attrs class costs a call of ``object.__setattr__`` for every field. Here the instance is allocated as an
empty-slotted subclass that may be assigned to, filled by one unpacking, and then given the frozen class. Converters
and validators do not run: the values come from a table that has checked them.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, Protocol, TypeVar

import attrs

from strongroom.domain.values.fields import kind_of
from strongroom.domain.values.kinds import Choice, WholeNumber

NUMERIC_BITS: Final = 256
"""Whole numbers of so many bits are numerics to PostgreSQL."""

EntityT_co = TypeVar("EntityT_co", covariant=True)


class Hydrator(Protocol[EntityT_co]):
    """Builds an entity from the values of its fields, in their order."""

    def __call__(self, row: Iterable[Any]) -> EntityT_co:
        """Return the entity; enumerations are given as members."""
        ...


def compile_hydrator(entity: type[Any], *, from_records: bool = False) -> Hydrator[Any]:
    """Generate the hydrator of an attrs class.

    With ``from_records`` a row is as the driver gives it: enumerations by their values, whole numbers of 78 digits as
    Decimals.
    """
    targets, conversions = [], []
    namespace: dict[str, Any] = {"Entity": entity, "Open": _open_subclass(entity), "new": object.__new__}
    for field in attrs.fields(entity):
        kind, optional = kind_of(field.type)
        name = field.name
        if from_records and isinstance(kind, Choice):
            members: dict[str | None, Enum | None] = {member.value: member for member in kind.enum}
            namespace[f"{name}_members"] = {**members, None: None}
            conversions.append(f"    e.{name} = {name}_members[{name}]")
            targets.append(name)
        elif from_records and isinstance(kind, WholeNumber) and kind.bits == NUMERIC_BITS:
            conversions.append(
                f"    e.{name} = " + (f"None if {name} is None else int({name})" if optional else f"int({name})")
            )
            targets.append(name)
        else:
            targets.append(f"e.{name}")
    source = "\n".join(
        (
            "def hydrate(row):",
            "    e = new(Open)",
            f"    ({', '.join(targets)},) = row",
            *conversions,
            "    e.__class__ = Entity",
            "    return e",
        )
    )
    exec(source, namespace)  # noqa: S102 - the source is made of the class's own field names
    hydrate: Hydrator[Any] = namespace["hydrate"]
    return hydrate


def _open_subclass(entity: type) -> type:
    body = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(f"Open{entity.__name__}", (entity,), body)
