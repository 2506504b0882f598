"""Reads the lines of a model: which are columns, which lead to other models."""

import re
from collections.abc import Mapping

from attrs import field, frozen

from strongroom.adapters.schema.prisma.expressions import REMEDY, complaint
from strongroom.adapters.schema.prisma.literal_values import integer
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Attribute, Expression, FieldLine, Number

from .arguments import Arguments, ProblemList
from .defaults import DefaultTarget, check_default
from .native_types import DEFAULTS, native_type_error
from .relations import RelationLine, read_relation
from .schema import Enum, Field, FieldKind, NativeType

ON_FIELDS = {"id", "unique", "default", "updatedAt", "map", "relation", "ignore"}


@frozen(kw_only=True)
class FieldContext:
    """What a type may name: models and views, enums with their values; and what stands before native types."""

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
    """Take note of a name that Prisma refuses: one that begins with a digit or holds a hyphen."""
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
