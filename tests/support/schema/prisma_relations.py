"""Random relations between models, and whole schemas of both."""

from typing import Any

from attrs import evolve
from hypothesis import strategies as st
from support.schema.prisma_schemas import Names, enums, fields, models

from strongroom.adapters.schema.prisma.model.constraint_names import foreign_key_name, unique_name
from strongroom.adapters.schema.prisma.model.schema import (
    Configuration,
    Field,
    Index,
    IndexField,
    IndexKind,
    ManyToMany,
    Model,
    PrismaSchema,
    ReferentialAction,
    Relation,
    View,
)
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, List, Text

Draw = Any
PREVIEWS = List((Text("views"), Text("partialIndexes")))


@st.composite
def schemas(draw: Draw) -> PrismaSchema:
    """Draw a schema: enums, models, relations of every kind between them, views."""
    schemas_ = draw(st.sampled_from([(None,), (None,), ("one", "two")]))
    known = [draw(enums(f"E{number}", draw(st.sampled_from(schemas_)))) for number in range(draw(st.integers(0, 2)))]
    names = Names()
    made = [
        draw(models(f"M{number}", draw(st.sampled_from(schemas_)), known, names))
        for number in range(draw(st.integers(1, 4)))
    ]
    pairs: list[ManyToMany] = []
    for number in range(draw(st.integers(0, 4))):
        near, far = draw(st.integers(0, len(made) - 1)), draw(st.integers(0, len(made) - 1))
        pair = draw(relate(f"r{number}", made, near, far, names))
        pairs += [pair] if pair else []
    views = [
        View(
            name=f"V{number}",
            table=f"V{number}",
            schema=draw(st.sampled_from(schemas_)),
            members=tuple(draw(fields(f"c{place}", known)) for place in range(2)),
        )
        for number in range(draw(st.integers(0, 1)))
    ]
    listed = [("schemas", List(tuple(Text(name) for name in schemas_ if name)))] if schemas_[0] else []
    return PrismaSchema(
        datasource=Configuration(
            name=draw(st.sampled_from(["db", "pg"])), settings=(("provider", Text("postgresql")), *listed)
        ),
        generators=(Configuration(name="client", settings=(("provider", Text("x")), ("previewFeatures", PREVIEWS))),),
        models=tuple(map(ordered, made)),
        views=tuple(evolve(view, members=distinct(view.members)) for view in views),
        enums=tuple(known),
        many_to_many=tuple(sorted(pairs, key=lambda pair: (pair.table, pair.model_a))),
    )


def ordered(model: Model) -> Model:
    """Return a model with its indexes in the order that Prisma's formatter gives them: of fields, unique, others."""
    place = {IndexKind.UNIQUE: 0, IndexKind.NORMAL: 1}
    indexes = sorted(model.indexes, key=lambda index: (not index.on_field, place[index.kind]))
    named = [(number, index.client_name) for number, index in enumerate(indexes)]
    first = {name: number for number, name in reversed(named)}
    return evolve(
        model,
        indexes=tuple(
            index if first[index.client_name] == number else evolve(index, client_name=None)
            for number, index in enumerate(indexes)
        ),
    )


def distinct(members: tuple[Field | Relation, ...]) -> tuple[Field | Relation, ...]:
    """Return the fields of a view, each with a column of its own."""
    return tuple(evolve(member, column=member.name) if isinstance(member, Field) else member for member in members)


@st.composite
def relate(draw: Draw, name: str, made: list[Model], near: int, far: int, names: Names) -> ManyToMany | None:
    """Add a relation between two of the models, which may be one: to many, to one, or of two lists."""
    one_key = all(len(keys(made[place])) == 1 for place in (near, far))
    kind = draw(st.sampled_from(["many", "one"] + ["lists"] * one_key))
    if kind == "lists":
        return _lists(name, made, near, far)
    target = made[far]
    optional = draw(st.booleans())
    columns = tuple(
        Field(
            name=f"{name}_{item.name}",
            column=f"{name} {item.name}" if draw(st.booleans()) else f"{name}_{item.name}",
            kind=item.kind,
            type=item.type,
            arity=Arity.OPTIONAL if optional else Arity.REQUIRED,
            native=item.native,
        )
        for item in keys(target)
    )
    default = foreign_key_name(made[near].table, [item.column for item in columns])
    actions = st.sampled_from(ReferentialAction)
    forth = Relation(
        name=f"{name}Forth",
        model=target.name,
        arity=Arity.OPTIONAL if optional or draw(st.booleans()) else Arity.REQUIRED,
        relation=name,
        named=True,
        fields=tuple(item.name for item in columns),
        references=tuple(item.name for item in keys(target)),
        on_delete=draw(st.just(ReferentialAction.SET_NULL if optional else ReferentialAction.RESTRICT) | actions),
        on_update=draw(st.just(ReferentialAction.CASCADE) | actions),
        constraint=draw(st.sampled_from([default, f"fk {name}"])),
    )
    back = Relation(
        name=f"{name}Back",
        model=made[near].name,
        arity=Arity.LIST if kind == "many" else Arity.OPTIONAL,
        relation=name,
        named=True,
    )
    added: tuple[Field | Relation, ...] = (*columns, forth)
    made[near] = evolve(made[near], members=(*made[near].members, *added))
    if kind == "one":
        unique = _unique(name, made[near], columns)
        names.take(made[near].schema, unique.name)
        made[near] = evolve(made[near], indexes=(*made[near].indexes, unique))
    made[far] = evolve(made[far], members=(*made[far].members, back))
    return None


def keys(model: Model) -> list[Field]:
    """Return the fields of a model's primary key."""
    return [model.field(name) for name in model.primary_key.fields] if model.primary_key else []


def _unique(name: str, model: Model, columns: tuple[Field, ...]) -> Index:
    return Index(
        kind=IndexKind.UNIQUE,
        name=unique_name(model.table, [item.column for item in columns]) if len(columns) > 1 else f"one {name}",
        fields=tuple(IndexField(field=item.name) for item in columns),
    )


def _lists(name: str, made: list[Model], near: int, far: int) -> ManyToMany:
    sides = [(near, f"{name}Near"), (far, f"{name}Far")]
    for (place, field), (other, _) in zip(sides, reversed(sides), strict=True):
        line = Relation(name=field, model=made[other].name, arity=Arity.LIST, relation=name, named=True)
        made[place] = evolve(made[place], members=(*made[place].members, line))
    (first, field_a), (second, field_b) = sorted(sides, key=lambda side: (made[side[0]].name, side[1]))
    return ManyToMany(
        relation=name,
        table=f"_{name}",
        schema=made[first].schema,
        model_a=made[first].name,
        field_a=field_a,
        model_b=made[second].name,
        field_b=field_b,
    )
