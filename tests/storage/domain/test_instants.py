"""Times are instants: the zone in which one is written changes no answer of the domain or of the ports."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strongroom.domain
import strongroom.ports
from strongroom.domain.errors import InvalidValue, StrongroomError
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.domain.positions.time_weighted import ValuedAt
from strongroom.domain.values.field_types import AnyAddress, FieldType, FixedPoint, Hex, Integer, JsonObject
from strongroom.domain.values.instants import as_utc
from strongroom.testing.values import acceptable_values

BERLIN: Final = ZoneInfo("Europe/Berlin")
ZONES: Final = (
    BERLIN,
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Africa/Monrovia"),
    timezone(timedelta(hours=-4, minutes=-56, seconds=-2)),
)
"""With daylight saving, with one of half an hour, and with offsets that have seconds."""
CHANGES: Final = (datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC))
"""When the clocks of Berlin change."""
INSTANTS: Final = st.sampled_from(
    [change + timedelta(minutes=minutes) for change in CHANGES for minutes in (-1440, -45, -30, 0, 15, 45, 1440)]
)
"""Few, so that what is drawn for one call meets."""
SPANS: Final = st.sampled_from([timedelta(minutes=30), timedelta(hours=1), timedelta(days=1), timedelta(days=7)])
PLAIN: Final[dict[Any, st.SearchStrategy[Any]]] = {
    datetime: INSTANTS,
    timedelta: SPANS,
    date: st.sampled_from([date(2024, 3, 30), date(2024, 3, 31), date(2024, 10, 27)]),
    UUID: st.integers(0, 9).map(lambda luck: UUID(int=2 if luck == 9 else 1)),
    Decimal: st.sampled_from([Decimal(100), Decimal(-100), Decimal("250.5")]),
    str: st.sampled_from(["0x" + "0" * 39 + digit for digit in "ab"]),
    bool: st.booleans(),
    int: st.integers(0, 3),
    bytes: st.just(b""),
}


def public_functions(package: Any) -> Iterable[tuple[str, Callable[..., Any]]]:
    """Yield the public functions and methods that the modules of a package define, each with its name."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value):
                yield f"{found.name}.{name}", value
            elif inspect.isclass(value):
                for method, function in vars(value).items():
                    if inspect.isfunction(function) and not method.startswith("_"):
                        yield f"{found.name}.{name}.{method}", function


def mentions_time(annotation: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Say whether a value of an annotation holds a time: it is one, or a part or a field of it is."""
    if annotation is datetime or annotation is ValuedAt:
        return True
    if get_origin(annotation) is not None:
        return any(mentions_time(part, seen) for part in get_args(annotation))
    if not attrs.has(annotation) or annotation in seen:
        return False
    hints = get_type_hints(annotation)
    return any(mentions_time(hints[each.name], seen | {annotation}) for each in attrs.fields(annotation))


def parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Return a function's annotations by the names of its parameters."""
    hints = get_type_hints(function, include_extras=True)
    return {name: hints[name] for name in inspect.signature(function).parameters if name in hints}


MANY: Final = 100
"""So many draws meet at least one that a function accepts."""
UNTIMED: Final = ("strongroom.domain.schema.", "strongroom.domain.values.")
TIMED: Final = {
    name: function
    for name, function in public_functions(strongroom.domain)
    if not name.startswith(UNTIMED) and any(mentions_time(each) for each in parameters(function).values())
}


def drawn(annotation: Any) -> st.SearchStrategy[Any]:  # noqa: C901, PLR0911 - one answer for each form of annotation
    """Values of an annotation, from pools so small that they meet."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is ValuedAt:
        return drawn(PositionValuation)
    if isinstance(annotation, TypeVar):
        return drawn(annotation.__bound__) if annotation.__bound__ else st.just(0)
    if origin in (Union, UnionType):
        return st.one_of([st.none() if part is type(None) else drawn(part) for part in parts])
    if hasattr(annotation, "__metadata__"):
        return of_kind(annotation.__metadata__[0])
    if origin is tuple:
        return st.lists(drawn(parts[0]), max_size=3).map(tuple) if ... in parts else st.tuples(*map(drawn, parts))
    if origin in (set, frozenset):
        return st.frozensets(drawn(parts[0]), max_size=3)
    if origin is not None and len(parts) == 2:
        return st.dictionaries(drawn(parts[0]), drawn(parts[1]), max_size=2).map(MappingProxyType)
    if origin is not None:
        return st.lists(drawn(parts[0]), max_size=4)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if attrs.has(annotation):
        return entities(annotation)
    return PLAIN[annotation]


def of_kind(kind: FieldType) -> st.SearchStrategy[Any]:
    """Values of an entity's field."""
    if isinstance(kind, Integer):
        return st.sampled_from(sorted({max(kind.low, 1), max(kind.low, 2), max(kind.low, 1000)} - {0}))
    if isinstance(kind, FixedPoint):
        return st.sampled_from([Decimal(1), Decimal(30)])
    if isinstance(kind, Hex) and not kind.address:
        return st.sampled_from(["0x" + digit * 2 * kind.size for digit in "ab"])
    if isinstance(kind, Hex | AnyAddress):
        return PLAIN[str]
    if isinstance(kind, JsonObject):
        return st.just({})
    return st.sampled_from(acceptable_values(kind))


def entities(cls: type) -> st.SearchStrategy[Any]:
    """Instances of an attrs class that its own rules accept."""
    hints = get_type_hints(cls, include_extras=True)
    fields = {each.name: drawn(hints[each.name]) for each in attrs.fields(cls) if each.init}

    def build(values: dict[str, Any]) -> Any:
        try:
            return cls(**values)
        except (StrongroomError, ValueError):
            return None

    return st.fixed_dictionaries(fields).map(build).filter(lambda built: built is not None)


def in_zone(value: Any, zone: Any) -> Any:
    """Return a value with the same instants, written in a zone."""
    if isinstance(value, datetime):
        return value.astimezone(zone)
    if isinstance(value, list | tuple | frozenset):
        return type(value)(in_zone(each, zone) for each in value)
    if isinstance(value, MappingProxyType):
        return {in_zone(key, zone): in_zone(each, zone) for key, each in value.items()}
    if attrs.has(type(value)):
        named = {each.name: in_zone(getattr(value, each.name), zone) for each in attrs.fields(type(value)) if each.init}
        return type(value)(**named)
    return value


def times_in(value: Any) -> Iterable[datetime]:
    """Yield the times within an answer."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, list | tuple | frozenset | set):
        for each in value:
            yield from times_in(each)
    elif isinstance(value, dict):
        for each in (*value, *value.values()):
            yield from times_in(each)
    elif attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            yield from times_in(getattr(value, each.name))


def answer(function: Callable[..., Any], values: dict[str, Any]) -> Any:
    """Return what a function answers, or what kind of refusal it raises."""
    positional = [values[name] for name, each in inspect.signature(function).parameters.items() if each.kind < 3]
    named = {name: values[name] for name, each in inspect.signature(function).parameters.items() if each.kind == 3}
    try:
        found = function(*positional, **named)
        return list(found) if inspect.isgenerator(found) else found
    except (StrongroomError, ValueError, ArithmeticError, KeyError) as error:
        return type(error)


def owner_of(name: str) -> Any:
    """Return the class that a method belongs to."""
    module, cls, _ = name.rsplit(".", 2)
    return getattr(importlib.import_module(module), cls)


@pytest.mark.parametrize("name", sorted(TIMED))
def test_the_zone_of_times_changes_no_answer(name):
    """The same instants in any zone give the same answer, whose times are in UTC."""
    function = TIMED[name]
    of_self = {"self": owner_of(name)} if "self" in inspect.signature(function).parameters else {}
    strategies = {each: drawn(annotation) for each, annotation in (of_self | parameters(function)).items()}
    strategies.pop("return", None)
    answered = []

    @settings(max_examples=max(8, settings().max_examples // 6))
    @given(st.fixed_dictionaries(strategies), st.sampled_from(ZONES))
    def agree(values, zone):
        expected = answer(function, values)
        found = answer(function, {name: in_zone(value, zone) for name, value in values.items()})
        assert found == expected
        assert all(at.tzinfo is UTC for at in times_in(found))
        answered.append(not isinstance(expected, type))

    agree()
    assert any(answered) or len(answered) < MANY, "every draw was refused: the property has seen no answer"


def test_a_time_is_the_same_instant_on_both_sides_of_a_fold():
    """The two half past two of an October night are an hour apart."""
    first, second = (datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1))
    assert as_utc(second) - as_utc(first) == timedelta(hours=1)


@pytest.mark.parametrize(
    "at", [datetime.fromisoformat("0001-01-01"), datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))]
)
def test_a_time_without_a_zone_or_beyond_the_calendar_is_refused(at):
    """A time without a zone, or beyond the calendar in UTC, is refused."""
    with pytest.raises(InvalidValue):
        as_utc(at)
