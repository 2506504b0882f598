"""Reads @relation, and finds for each relation field the one on the other side."""

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from strongroom.adapters.schema.prisma.syntax.errors import Position
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Attribute, Expression, FieldLine

from .arguments import Arguments, ProblemList, constant_items
from .schema import ReferentialAction

ACTIONS = {action.value: action for action in ReferentialAction}
COLUMNS_ONLY = ("id", "unique", "default", "map", "updatedAt")


@frozen(kw_only=True)
class RelationLine:
    """A relation field as it is written, not yet joined with its other side."""

    model: str
    name: str
    target: str
    arity: Arity
    relation: str | None = None
    fields: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None
    on_delete: ReferentialAction | None = None
    on_update: ReferentialAction | None = None
    map: str | None = None
    ignored: bool = False
    documentation: str | None = None
    position: Position


def read_relation(
    line: FieldLine, model: str, documentation: str | None, attributes: Mapping[str, Attribute], problems: ProblemList
) -> RelationLine:
    """Return a relation field as it is written."""
    for name in COLUMNS_ONLY:
        if name in attributes:
            problems.add(
                attributes[name].position,
                f"{line.name} leads to {line.type.name} and has no column for @{name}.",
                "Put it on the field that the relation names in fields.",
            )
    for attribute in line.attributes:
        if "." in attribute.name:
            problems.add(attribute.position, f"{line.name} leads to a model and has no native type.", "Remove it.")
    read = RelationLine(
        model=model,
        name=line.name,
        target=line.type.name,
        arity=line.type.arity,
        ignored="ignore" in attributes,
        documentation=documentation,
        position=line.position,
    )
    if "relation" not in attributes:
        return read
    known = ["name", "fields", "references", "onDelete", "onUpdate", "map"]
    given = Arguments.of(attributes["relation"], known, problems)
    deletes, updates = given.word("onDelete", ACTIONS), given.word("onUpdate", ACTIONS)
    return evolve(
        read,
        relation=given.text("name"),
        fields=_names(given.items("fields"), "fields", problems),
        references=_names(given.items("references"), "references", problems),
        on_delete=ACTIONS[deletes] if deletes else None,
        on_update=ACTIONS[updates] if updates else None,
        map=given.text("map"),
    )


def _names(items: Sequence[Expression] | None, owner: str, problems: ProblemList) -> tuple[str, ...] | None:
    return None if items is None else tuple(word.name for word in constant_items(items, owner, problems))
