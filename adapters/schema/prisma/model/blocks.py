"""Reads a block of a model, a view or an enum."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from strongroom.adapters.schema.prisma.model.constraint_names import MAX_NAME_BYTES
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Attribute,
    AttributeLine,
    Blank,
    Block,
    BlockKind,
    Comment,
    FieldLine,
    Line,
    ValueLine,
)

from .arguments import Arguments, ProblemList
from .fields import FieldContext, check_name, read_field
from .keys import KeyContext, index_of_model, key_of_field, key_of_model, unique_of_field
from .relations import RelationLine
from .schema import Enum, EnumValue, Field, Index, PrimaryKey
from .unresolved_model import UnresolvedModel, check_unresolved_model

REPEATED = {"unique", "index"}
ON_MODELS = ("id", "unique", "index", "map", "schema", "ignore")
NOT_IN_POSTGRES = {
    "fulltext": "@@fulltext serves MySQL and MongoDB alone.",
    "shardKey": "@@shardKey serves PlanetScale alone.",
}


def read_enum(block: Block, documentation: str | None, problems: ProblemList) -> Enum:
    """Return an enum."""
    check_name(block, "enum", problems)
    values: dict[str, EnumValue] = {}
    for line, said in documented_lines(block.lines, ValueLine):
        if line.name in values:
            problems.add(line.position, f"{block.name} has the value {line.name} twice.", "Keep one.")
        values.setdefault(line.name, _value(line, said, problems))
    if not values:
        problems.add(block.position, f"The enum {block.name} has no value.", "Declare at least one, each on its line.")
    named = _check_repeated(_attributes(block), ("map", "schema"), block, problems)
    return Enum(
        name=block.name,
        type=_text(named.get("map"), "name", problems) or block.name,
        values=tuple(values.values()),
        schema=_text(named.get("schema"), "map", problems),
        documentation=documentation,
        position=block.position,
    )


def read_model(block: Block, documentation: str | None, names: FieldContext) -> UnresolvedModel:
    """Return a model or a view, its relations not yet joined."""
    problems = names.problems
    check_name(block, block.kind.value, problems)
    lines: list[FieldLine] = []
    members: dict[str, Field | RelationLine] = {}
    attributes = _attributes(block)
    for line, said in documented_lines(block.lines, FieldLine):
        if line.name in members:
            problems.add(line.position, f"{block.name} has the field {line.name} twice.", "Keep one.")
        elif read := read_field(line, block.name, said, names):
            lines.append(line)
            members[line.name] = read
    named = _check_repeated(attributes, ON_MODELS, block, problems)
    table = KeyContext(
        model=block.name,
        name=_text(named.get("map"), "name", problems) or block.name,
        fields={name: member for name, member in members.items() if isinstance(member, Field)},
        relations=frozenset(name for name, member in members.items() if isinstance(member, RelationLine)),
        problems=problems,
    )
    _check_columns(table)
    if "ignore" in named:
        Arguments.of(named["ignore"], [], problems, "@@")
    draft = UnresolvedModel(
        name=block.name,
        table=table.name,
        schema=_text(named.get("schema"), "map", problems),
        is_view=block.kind is BlockKind.VIEW,
        members=tuple(members.values()),
        primary_key=_primary_key(lines, attributes, table),
        indexes=_indexes(lines, attributes, table),
        ignored="ignore" in named,
        documentation=documentation,
        position=block.position,
    )
    check_unresolved_model(draft, problems)
    return draft


def _value(line: ValueLine, documentation: str | None, problems: ProblemList) -> EnumValue:
    check_name(line, "value", problems)
    label = None
    for attribute in line.attributes:
        if attribute.name != "map":
            problems.add(attribute.position, f"There is no attribute @{attribute.name} of values.", "@map is one.")
        elif label is not None:
            problems.add(attribute.position, "@map stands there twice.", "Keep one.")
        else:
            label = _text(attribute, "name", problems)
    return EnumValue(name=line.name, label=label or line.name, documentation=documentation, position=line.position)


def _attributes(block: Block) -> list[Attribute]:
    return [line.attribute for line in block.lines if isinstance(line, AttributeLine)]


def _primary_key(lines: Sequence[FieldLine], attributes: Sequence[Attribute], table: KeyContext) -> PrimaryKey | None:
    keys = [
        (attribute, key_of_field(line, attribute, table))
        for line in lines
        for attribute in line.attributes
        if attribute.name == "id" and line.name in table.fields
    ]
    keys += [(attribute, key_of_model(attribute, table)) for attribute in attributes if attribute.name == "id"]
    for attribute, _ in keys[1:]:
        table.problems.add(
            attribute.position, f"{table.model} has a primary key already.", "Write one @@id over all fields."
        )
    return keys[0][1] if keys else None


def _indexes(lines: Sequence[FieldLine], attributes: Sequence[Attribute], table: KeyContext) -> tuple[Index, ...]:
    of_fields = [
        unique_of_field(line, attribute, table)
        for line in lines
        for attribute in line.attributes
        if attribute.name == "unique" and line.name in table.fields
    ]
    return (*of_fields, *(index_of_model(attribute, table) for attribute in attributes if attribute.name in REPEATED))


def _check_columns(table: KeyContext) -> None:
    columns: dict[str, str] = {}
    for name, field in table.fields.items():
        if field.column in columns:
            table.problems.add(
                field.position,
                f"{columns[field.column]} and {name} are both column {field.column}.",
                "Map one elsewhere.",
            )
        columns.setdefault(field.column, name)
        if len(field.column.encode()) > MAX_NAME_BYTES:
            table.problems.add(
                field.position, f"The column {field.column} has more than {MAX_NAME_BYTES} bytes.", "Shorten it."
            )


def _check_repeated(
    attributes: Sequence[Attribute], known: Sequence[str], block: Block, problems: ProblemList
) -> Mapping[str, Attribute]:
    found: dict[str, Attribute] = {}
    for attribute in attributes:
        name = attribute.name
        if name in NOT_IN_POSTGRES:
            problems.add(attribute.position, NOT_IN_POSTGRES[name], "PostgreSQL has @@index with type: Gin.")
        elif name not in known:
            listed = ", ".join(f"@@{name}" for name in known)
            problems.add(attribute.position, f"A {block.kind.value} has no attribute @@{name}.", f"Known are {listed}.")
        elif name in found and name not in REPEATED:
            problems.add(attribute.position, f"@@{name} stands there twice.", "Keep one.")
        else:
            found[name] = attribute
    return found


def _text(attribute: Attribute | None, argument: str, problems: ProblemList) -> str | None:
    if attribute is None:
        return None
    return Arguments.of(attribute, [argument], problems).text(argument, required=True)


Documented = TypeVar("Documented", bound=Line)


def documented_blocks(items: Iterable[Block | Comment | Blank]) -> Iterator[tuple[Block, str | None]]:
    """Yield the blocks with what the comments say that stand before them; an empty line separates both."""
    before: list[Comment] = []
    for item in items:
        if isinstance(item, Comment):
            before.append(item)
            continue
        if isinstance(item, Block):
            yield item, documentation(before)
        before = []


def documented_lines(lines: Iterable[Line], kind: type[Documented]) -> Iterator[tuple[Documented, str | None]]:
    """Yield the lines of a kind with what the comments before and beside them say.

    Of comments that empty lines separate the last ones count; empty lines and attributes may follow them.
    """
    before: list[Comment] = []
    ended = False
    for line in lines:
        if isinstance(line, Comment):
            if ended:
                before.clear()
            before.append(line)
            ended = False
        elif isinstance(line, Blank | AttributeLine):
            ended = True
        elif isinstance(line, kind):
            beside = getattr(line, "comment", None)
            yield line, documentation([*before, *([beside] if beside else [])])
            before.clear()


def documentation(comments: Iterable[Comment]) -> str | None:
    """Return the text of the comments that belong to an element, one line each, or None without comments."""
    said = [comment.content for comment in comments if comment.documents]
    return "\n".join(said) if said else None
