"""From a row of stored values to an entity, as fast as attribute assignment: generated once per entity class.

A frozen attrs class costs a call of ``object.__setattr__`` for every field. Here the instance is allocated as an
empty-slotted subclass that may be assigned to, filled by one unpacking, and then given the frozen class. Converters
and validators do not run: the values come from a table that has checked them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Protocol, TypeVar

import attrs
from attrs import frozen

from strongroom.adapters.generated_code import run_generated
from strongroom.domain.values.field_types import (
    Date,
    EnumMember,
    FixedPoint,
    Integer,
    JsonObject,
    Timestamp,
)
from strongroom.domain.values.fields import field_type_of

NUMERIC_BITS: Final = 256
"""Whole numbers of so many bits are numerics to PostgreSQL."""

_UNREADABLE: Final[dict[type, str]] = {
    Timestamp: "{value} is LAST_TIME or {value} is FIRST_TIME",
    Date: "{value} is LAST_DAY or {value} is FIRST_DAY",
    FixedPoint: "{value} == 'NaN'",
    JsonObject: "type({value}) is not dict",
}
"""Conditions that only values meet which the driver reads and the field cannot hold."""
_NULL_MEETS: Final = (JsonObject,)
"""The kinds whose condition null meets, too."""

EntityT = TypeVar("EntityT")
EntityT_co = TypeVar("EntityT_co", covariant=True)


class Hydrator(Protocol[EntityT_co]):
    """Builds an entity from the values of its fields, in their order."""

    def __call__(self, row: Iterable[Any]) -> EntityT_co:
        """Return the entity; enumerations are given as members."""
        ...


class BatchHydrator(Protocol[EntityT]):
    """Builds entities from rows: the same as a hydrator row by row, without a call for each."""

    def __call__(self, rows: Iterable[Iterable[Any]]) -> list[EntityT]:
        """Return the entities, in the order of the rows."""
        ...


def compile_hydrator(entity: type[Any]) -> Hydrator[Any]:
    """Generate the hydrator of an attrs class from values as the class holds them."""
    return _compile(entity, {})[0]


@frozen
class InfiniteTimes:
    """The objects that the driver gives for infinite times, told by their identity: each equals a time that is not."""

    last_time: Any
    first_time: Any
    last_day: Any
    first_day: Any


def compile_record_hydrators(entity: type[Any], infinite: InfiniteTimes) -> tuple[Hydrator[Any], BatchHydrator[Any]]:
    """Generate the hydrators of an attrs class from rows as the driver gives them, for one row and for many.

    Enumerations come by their values, numerics as text: each becomes what its field holds, without a detour. What
    others stored and the field cannot hold raises ValueError or LookupError.
    """
    conversions: dict[str, _Conversion] = {}
    refusals: list[str] = []
    for field in attrs.fields(entity):
        kind, optional = field_type_of(field.type)
        if isinstance(kind, EnumMember):
            members: dict[str | None, Enum | None] = {member.value: member for member in kind.enum}
            conversions[field.name] = _Conversion("{convert}[{value}]", {**members, None: None})
        elif isinstance(kind, FixedPoint) or (isinstance(kind, Integer) and kind.bits == NUMERIC_BITS):
            # PostgreSQL pads a numeric with zeros to its scale: without them a Decimal has its shortest text
            has_places = isinstance(kind, FixedPoint) and kind.places
            text = "{value}.rstrip('0') if '.' in {value} else {value}" if has_places else "{value}"
            template = f"None if {{value}} is None else {{convert}}({text})" if optional else f"{{convert}}({text})"
            conversions[field.name] = _Conversion(template, Decimal if isinstance(kind, FixedPoint) else int)
        unreadable = _UNREADABLE.get(type(kind))
        if unreadable:
            given = f"value_of_{field.name}"
            present = f"{given} is not None and " if optional and isinstance(kind, _NULL_MEETS) else ""
            refusals.append(present + unreadable.format(value=given))
            conversions.setdefault(field.name, _Conversion("{value}", None))
    return _compile(entity, conversions, refusals, infinite)


@frozen
class _Conversion:
    """What turns a driver's value into a field's: an expression over ``{value}``, and what it calls ``{convert}``."""

    template: str
    convert: Any


def _compile(
    entity: type[Any],
    conversions: dict[str, _Conversion],
    refusals: Sequence[str] = (),
    infinite: InfiniteTimes | None = None,
) -> tuple[Hydrator[Any], BatchHydrator[Any]]:
    namespace: dict[str, Any] = {
        "Entity": entity,
        "Open": _open_subclass(entity),
        "new": object.__new__,
    }
    if infinite is not None:
        namespace |= {name.upper(): value for name, value in attrs.asdict(infinite).items()}
    names = [field.name for field in attrs.fields(entity)]
    targets = ", ".join(f"value_of_{name}" if name in conversions else f"e.{name}" for name in names)
    lines = ["e = new(Open)", f"({targets},) = row"]
    if refusals:
        lines += [f"if {' or '.join(refusals)}:", "    raise ValueError"]
    for name, conversion in conversions.items():
        namespace[f"convert_{name}"] = conversion.convert
        lines.append(f"e.{name} = " + conversion.template.format(value=f"value_of_{name}", convert=f"convert_{name}"))
    lines.append("e.__class__ = Entity")
    one = ["def hydrate(row):", *(f"    {line}" for line in lines), "    return e"]
    every = [
        "def hydrate_all(rows):",
        "    made = []",
        "    keep = made.append",
        "    for row in rows:",
        *(f"        {line}" for line in lines),
        "        keep(e)",
        "    return made",
    ]
    run_generated("\n".join([*one, *every]), f"hydrator of {entity.__qualname__}", namespace)
    return namespace["hydrate"], namespace["hydrate_all"]


def _open_subclass(entity: type) -> type:
    body = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return type(f"Open{entity.__name__}", (entity,), body)
