"""Reads the lines of a model: which are columns, which lead to other models."""

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

from strongroom.adapters.schema.prisma.expressions import REMEDY, complaint
from strongroom.adapters.schema.prisma.literal_values import CHECKED, InvalidLiteral, decimal, integer
from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Arity,
    Attribute,
    Call,
    Constant,
    Expression,
    FieldLine,
    List,
    Number,
    Text,
)

from .arguments import Arguments, ProblemList
from .native_types import DEFAULTS, native_type_error
from .relations import RelationLine, read_relation
from .schema import Enum, Field, FieldKind, NativeType

ON_FIELDS = {"id", "unique", "default", "updatedAt", "map", "relation", "ignore"}
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
class FieldContext:
    """The names that a type may use: models and views, enums with their values; and the prefix of native types."""

    models: frozenset[str]
    enums: Mapping[str, Enum]
    datasource: str
    problems: ProblemList = field(factory=ProblemList)


def read_field(
    line: FieldLine, model: str, documentation: str | None, names: FieldContext
) -> Field | RelationLine | None:
    """Return what a line declares; None where its type is none, which is a problem."""
    problems = names.problems
    check_name(line, "field", problems)
    attributes = _attributes_by_name(line.attributes, names)
    reference = line.type
    if reference.name in names.models and not reference.unsupported:
        return read_relation(line, model, documentation, attributes, problems)
    if reference.unsupported:
        kind = FieldKind.UNSUPPORTED
        if wrong := complaint(reference.name):
            problems.add(reference.position, f"The type within Unsupported() {wrong}.", REMEDY)
    elif reference.name in names.enums:
        kind = FieldKind.ENUM
    elif reference.name in DEFAULTS:
        kind = FieldKind.SCALAR
    else:
        known = {name.lower(): name for name in [*DEFAULTS, *names.models, *names.enums]}
        close = known.get(reference.name.lower())
        remedy = (
            f"Did you mean {close}?" if close else f"Known are {', '.join(DEFAULTS)}, and what the schema declares."
        )
        problems.add(reference.position, f"There is no type {reference.name}.", remedy)
        return None
    return _column(line, kind, documentation, attributes, names)


def check_name(line: object, what: str, problems: ProblemList) -> None:
    """Report a name that Prisma refuses because it begins with a digit or contains a hyphen."""
    name, position = getattr(line, "name"), getattr(line, "position")  # noqa: B009
    if name[0].isdigit():
        problems.add(position, f"The {what} {name} begins with a digit.", "Let it begin with a letter, and @map it.")
    elif "-" in name:
        problems.add(position, f"The {what} {name} holds a hyphen.", "Write an underscore, and @map it.")


def _column(
    line: FieldLine,
    kind: FieldKind,
    documentation: str | None,
    attributes: Mapping[str, Attribute],
    names: FieldContext,
) -> Field:
    problems = names.problems
    reference = line.type
    if "relation" in attributes:
        problems.add(
            attributes["relation"].position, f"{line.name} is no relation.", f"{reference.name} is no model; remove it."
        )
    default = _default(attributes.get("default"), kind, line, names)
    mapped = (
        Arguments.of(attributes["map"], ["name"], problems).text("name", required=True) if "map" in attributes else None
    )
    for name in ("updatedAt", "ignore"):
        if name in attributes:
            Arguments.of(attributes[name], [], problems)
    if "updatedAt" in attributes and (reference.name != "DateTime" or reference.arity is Arity.LIST):
        problems.add(attributes["updatedAt"].position, "@updatedAt serves a single DateTime.", "Remove it.")
    if "ignore" in attributes and kind is FieldKind.UNSUPPORTED:
        problems.add(attributes["ignore"].position, "Unsupported fields are ignored as it is.", "Remove @ignore.")
    return Field(
        name=line.name,
        column=mapped or line.name,
        kind=kind,
        type=reference.name,
        arity=reference.arity,
        native=_native(line.attributes, kind, reference.name, names),
        default=default,
        updated_at="updatedAt" in attributes,
        ignored="ignore" in attributes,
        documentation=documentation,
        position=line.position,
    )


def _default(attribute: Attribute | None, kind: FieldKind, line: FieldLine, names: FieldContext) -> Expression | None:
    if attribute is None:
        return None
    arguments = Arguments.of(attribute, ["value", "map"], names.problems)
    if arguments.value("map") is not None:
        names.problems.add(attribute.position, "PostgreSQL does not name defaults.", "Remove the argument map.")
    value = arguments.value("value")
    if value is None:
        names.problems.add(attribute.position, "@default lacks a value.", "Write it between the parentheses.")
        return None
    enum = names.enums.get(line.type.name)
    values = frozenset(value.name for value in enum.values) if enum else frozenset[str]()
    place = DefaultTarget(kind=kind, type=line.type.name, arity=line.type.arity, values=values)
    check_default(value, place, names.problems)
    return value


def _native(attributes: tuple[Attribute, ...], kind: FieldKind, type_: str, names: FieldContext) -> NativeType | None:
    for attribute in attributes:
        prefix, dot, name = attribute.name.partition(".")
        if not dot:
            continue
        numbers = [argument.value for argument in attribute.arguments or ()]
        if kind is not FieldKind.SCALAR:
            names.problems.add(attribute.position, f"{type_} takes no native type.", "Remove it.")
        elif prefix != names.datasource:
            names.problems.add(
                attribute.position, f"No datasource is named {prefix}.", f"Write @{names.datasource}.{name}."
            )
        elif not all(isinstance(number, Number) and re.fullmatch(r"\d+", number.text) for number in numbers):
            names.problems.add(attribute.position, f"@{attribute.name} takes whole numbers.", "Write them so.")
        else:
            given = [integer(number.text) for number in numbers if isinstance(number, Number)]
            native = NativeType(name=name, arguments=tuple(-1 if number is None else number for number in given))
            if wrong := native_type_error(type_, native):
                names.problems.add(attribute.position, *wrong)
            return native
    return None


def _attributes_by_name(attributes: tuple[Attribute, ...], names: FieldContext) -> dict[str, Attribute]:
    """Return a field's attributes by name; unknown ones and second ones are problems."""
    found: dict[str, Attribute] = {}
    natives = 0
    for attribute in attributes:
        natives += "." in attribute.name
        if attribute.name in found or natives > 1:
            names.problems.add(attribute.position, f"@{attribute.name} stands there twice.", "Keep one.")
        elif "." not in attribute.name and attribute.name not in ON_FIELDS:
            known = ", ".join(f"@{name}" for name in sorted(ON_FIELDS))
            names.problems.add(attribute.position, f"There is no attribute @{attribute.name}.", f"Known are {known}.")
        else:
            found[attribute.name] = attribute
    return found


@frozen(kw_only=True)
class DefaultTarget:
    """The field that a default belongs to: its kind, type and arity; ``values`` are those of its enum."""

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
