"""Which values @default takes on which field."""

import re
from collections.abc import Callable

from attrs import frozen

from strongroom.adapters.schema.prisma.errors import Position
from strongroom.adapters.schema.prisma.expressions import REMEDY, complaint
from strongroom.adapters.schema.prisma.literal_values import CHECKED, InvalidLiteral, decimal, integer
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Call, Constant, Expression, List, Number, Text

from .arguments import ProblemList
from .schema import FieldKind

INTEGER = re.compile(r"-?\d+")
INTEGERS = {"Int", "BigInt"}
FUNCTIONS = {
    "autoincrement": INTEGERS,
    "now": {"DateTime"},
    "uuid": {"String"},
    "cuid": {"String"},
    "nanoid": {"String"},
    "ulid": {"String"},
}
VERSIONS: dict[str, Callable[[int], bool]] = {
    "uuid": lambda version: version in {4, 7},
    "cuid": lambda version: version in {1, 2},
    "nanoid": lambda length: 2 <= length <= 255,
}
OTHER_DATABASES = {
    "sequence": "PostgreSQL takes autoincrement(), CockroachDB alone sequence().",
    "auto": "Only MongoDB knows auto().",
}


@frozen(kw_only=True)
class DefaultTarget:
    """What a default is for: a field of a kind, a type and an arity; ``values`` are those of its enum."""

    kind: FieldKind
    type: str
    arity: Arity
    values: frozenset[str] = frozenset()


def check_default(value: Expression, place: DefaultTarget, problems: ProblemList) -> None:
    """Take note of what is wrong with a default."""
    if isinstance(value, Call) and value.name == "dbgenerated":
        _check_generated(value, problems)
    elif place.kind is FieldKind.UNSUPPORTED:
        problems.add(
            value.position,
            "An unsupported type takes no default but an expression.",
            'Write dbgenerated("…") around it.',
        )
    elif isinstance(value, Call):
        _check_function(value, place.type, problems)
    elif place.arity is Arity.LIST and not isinstance(value, List):
        problems.add(value.position, "The default of a list is a list.", "Write it within [ and ].")
    elif place.arity is not Arity.LIST and isinstance(value, List):
        problems.add(value.position, "The default of a single value is no list.", "Remove [ and ].")
    else:
        for item in value.items if isinstance(value, List) else (value,):
            _check_literal(item, place, problems)


def _check_generated(value: Call, problems: ProblemList) -> None:
    match value.arguments:
        case ():
            return
        case (argument,) if isinstance(argument.value, Text) and argument.value.value:
            if wrong := complaint(argument.value.value):
                problems.add(value.position, f"The SQL of dbgenerated() {wrong}.", REMEDY)
        case _:
            message = "dbgenerated() takes one string, not empty, or nothing."
            problems.add(value.position, message, "Write the SQL in double quotes.")


def _check_function(value: Call, type_: str, problems: ProblemList) -> None:
    name = value.name
    if name not in FUNCTIONS:
        known = ", ".join([*sorted(FUNCTIONS), "dbgenerated"])
        problems.add(value.position, f"{name}() is no default here.", OTHER_DATABASES.get(name, f"Known are {known}."))
    elif type_ not in FUNCTIONS[name]:
        problems.add(
            value.position, f"{name}() does not serve {type_}.", f"It serves {' and '.join(sorted(FUNCTIONS[name]))}."
        )
    elif value.arguments and not _accepted_values(value):
        takes = {"uuid": "4 or 7", "cuid": "1 or 2", "nanoid": "a length from 2 to 255"}.get(name, "no argument")
        problems.add(value.position, f"{name}() does not take these arguments.", f"It takes {takes}.")


def _accepted_values(value: Call) -> bool:
    if value.name not in VERSIONS or len(value.arguments) != 1:
        return False
    given = value.arguments[0].value
    number = integer(given.text) if isinstance(given, Number) and INTEGER.fullmatch(given.text) else None
    return number is not None and VERSIONS[value.name](number)


def _check_literal(item: Expression, place: DefaultTarget, problems: ProblemList) -> None:
    type_, values = place.type, place.values
    if place.kind is FieldKind.ENUM:
        if not isinstance(item, Constant):
            problems.add(item.position, f"A default of the enum {type_} is one of its values.", "Write it bare.")
        elif item.name not in values:
            _unknown_value(item.name, item.position, type_, values, problems)
    elif not _matches_type(item, type_):
        expected = {"Boolean": "true or false", "Int": "a whole number", "BigInt": "a whole number of 64 bits"}
        wanted = expected.get(type_, "a number" if type_ == "Float" else "a string in double quotes")
        wanted = CHECKED[type_][1] if type_ in CHECKED else wanted
        problems.add(item.position, f"A default of {type_} is {wanted}.", "Write it so.")


def _unknown_value(name: str, at: Position, type_: str, values: frozenset[str], problems: ProblemList) -> None:
    problems.add(at, f"The enum {type_} has no value {name}.", f"It has {', '.join(sorted(values))}.")


def _matches_type(item: Expression, type_: str) -> bool:
    match item:
        case Constant(name=name):
            return type_ == "Boolean" and name in {"true", "false"}
        case Number(text=text) if type_ in INTEGERS:
            return bool(INTEGER.fullmatch(text)) and integer(text) is not None
        case Number(text=text):
            return type_ in {"Float", "Decimal"} and _is_read(decimal, text)
        case Text(value=text):
            return type_ == "String" or (type_ in CHECKED and _is_read(CHECKED[type_][0], text))
    return False


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except InvalidLiteral:
        return False
    return True
