"""Random schemas of Prisma that are valid, as values."""

import base64
import json
import string
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

from attrs import evolve
from hypothesis import strategies as st

from strongroom.adapters.schema.prisma.model.constraint_names import index_name, primary_key_name, unique_name
from strongroom.adapters.schema.prisma.model.schema import (
    Enum,
    EnumValue,
    Field,
    FieldKind,
    Index,
    IndexField,
    IndexKind,
    Model,
    NativeType,
    PrimaryKey,
)
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Argument,
    Arity,
    Call,
    Constant,
    Expression,
    List,
    Number,
    Text,
)

Draw = Any
PLAIN = string.ascii_letters + string.digits + "_"
NATIVES: dict[str, list[NativeType | None]] = {
    "String": [
        None,
        *(NativeType(name=name) for name in ("Text", "VarChar", "Char", "Uuid", "Inet", "Bit", "VarBit")),
        *(NativeType(name=name, arguments=(12,)) for name in ("VarChar", "Char", "Bit", "VarBit")),
    ],
    "Int": [None, *(NativeType(name=name) for name in ("Integer", "SmallInt", "Oid"))],
    "BigInt": [None, NativeType(name="BigInt")],
    "Float": [None, NativeType(name="Real"), NativeType(name="DoublePrecision")],
    "Decimal": [
        None,
        NativeType(name="Money"),
        NativeType(name="Decimal"),
        NativeType(name="Decimal", arguments=(78, 0)),
        NativeType(name="Decimal", arguments=(20, 5)),
    ],
    "Boolean": [None, NativeType(name="Boolean")],
    "DateTime": [
        None,
        NativeType(name="Date"),
        *(NativeType(name=name) for name in ("Timestamp", "Timestamptz", "Time", "Timetz")),
        *(NativeType(name=name, arguments=(6,)) for name in ("Timestamp", "Timestamptz", "Time", "Timetz")),
        *(NativeType(name=name, arguments=(3,)) for name in ("Timestamp", "Timestamptz", "Time", "Timetz")),
    ],
    "Json": [None, NativeType(name="Json"), NativeType(name="JsonB")],
    "Bytes": [None, NativeType(name="ByteA")],
}
KEYS = [
    ("Int", None),
    ("BigInt", None),
    ("String", None),
    ("String", NativeType(name="VarChar", arguments=(40,))),
    ("String", NativeType(name="Uuid")),
    ("DateTime", NativeType(name="Timestamptz", arguments=(3,))),
    ("Decimal", NativeType(name="Decimal", arguments=(20, 0))),
]
NOT_SORTED = {"Json", "Xml"}
UNSUPPORTED = ["point", "tsvector", "interval", "int4range"]

words = st.text(PLAIN, max_size=8)
said = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["C", "Z"]), min_size=1)
documentation = st.none() | st.lists(st.text(" abc*/é\"'", max_size=12).map(str.lstrip), min_size=1, max_size=3).map(
    "\n".join
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
database_names = st.text(st.sampled_from(PLAIN + " -.äß€"), min_size=1, max_size=70)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
moments = st.builds(
    lambda moment, hours: moment.astimezone(timezone(timedelta(hours=hours))),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-12, 12),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def function(name: str, *arguments: int) -> Call:
    return Call(name, tuple(Argument(None, Number(str(argument))) for argument in arguments))


def numbers(least: int, most: int) -> st.SearchStrategy[Expression]:
    return st.integers(least, most).map(lambda number: Number(str(number)))


decimals = st.decimals(-(10**6), 10**6, places=2).map(lambda number: Number(f"{number:f}"))
INTEGERS = {"SmallInt": (-(2**15), 2**15 - 1), "Oid": (0, 2**31 - 1)}


def literals(  # noqa: C901, PLR0911
    scalar: str, native: NativeType | None
) -> st.SearchStrategy[Expression]:
    """Draw a literal that a column of the type accepts."""
    name = native.name if native else ""
    match scalar:
        case "Int":
            return numbers(*INTEGERS.get(name, (-(2**31) + 1, 2**31 - 1)))
        case "BigInt":
            return numbers(-(2**63) + 1, 2**63 - 1)
        case "Boolean":
            return st.sampled_from([Constant("true"), Constant("false")])
        case "Float":
            return decimals | numbers(-1000, 1000)
        case "Decimal":
            return decimals | numbers(-1000, 1000) | decimals.map(lambda number: Text(cast("Number", number).text))
        case "Bytes":
            return st.binary(max_size=8).map(lambda value: Text(base64.b64encode(value).decode()))
        case "Json":
            return json_values.map(lambda value: Text(json.dumps(value, ensure_ascii=False)))
        case "DateTime":
            return moments.map(lambda moment: Text(moment.isoformat()))
        case "String" if name == "Uuid":
            return st.uuids().map(lambda value: Text(str(value)))
        case "String" if name == "Inet":
            return st.sampled_from([Text("10.0.0.1"), Text("::1")])
        case "String" if name in {"Bit", "VarBit"}:
            return st.sampled_from([Text("1"), Text("0")])
    return texts.map(Text)


def functions(scalar: str, native: NativeType | None, arity: Arity) -> list[Expression]:
    """Return the functions that a default of the type may be."""
    name = native.name if native else ""
    if arity is Arity.LIST:
        return []
    if scalar in {"Int", "BigInt"} and name != "Oid" and arity is Arity.REQUIRED:
        return [function("autoincrement")]
    if scalar == "DateTime":
        return [function("now")]
    if scalar == "String" and name in {"", "Text", "VarChar", "Char"}:
        return [
            function("uuid"),
            function("uuid", 7),
            function("cuid"),
            function("cuid", 2),
            function("nanoid", 9),
            function("nanoid"),
            function("ulid"),
            Call("dbgenerated", (Argument(None, Text("lower('A') || 'b'")),)),
        ]
    return [function("dbgenerated")]


@st.composite
def defaults(draw: Draw, scalar: str, native: NativeType | None, arity: Arity) -> Expression | None:
    if draw(st.booleans()):
        return None
    of_functions = functions(scalar, native, arity)
    if of_functions and draw(st.booleans()):
        return draw(st.sampled_from(of_functions))
    literal = literals(scalar, native)
    if arity is Arity.LIST:
        return List(tuple(draw(st.lists(literal, max_size=3))))
    return draw(literal)


@st.composite
def fields(draw: Draw, name: str, enums: list[Enum]) -> Field:
    """Draw a field that stands for a column."""
    column = draw(st.just(name) | database_names)
    arity = draw(st.sampled_from(Arity))
    kind = draw(st.sampled_from([FieldKind.SCALAR] * 6 + [FieldKind.UNSUPPORTED] + [FieldKind.ENUM] * bool(enums)))
    made = Field(name=name, column=column, kind=kind, type="String", arity=arity, documentation=draw(documentation))
    if kind is FieldKind.UNSUPPORTED:
        return evolve(made, type=draw(st.sampled_from(UNSUPPORTED)))
    if kind is FieldKind.ENUM:
        enum = draw(st.sampled_from(enums))
        value = st.sampled_from(enum.values).map(lambda value: Constant(value.name))
        listed = st.lists(value, max_size=3).map(lambda values: List(tuple(values)))
        default = draw(st.none() | (listed if arity is Arity.LIST else value))
        return evolve(made, type=enum.name, default=default, ignored=draw(st.booleans()))
    scalar = draw(st.sampled_from(sorted(NATIVES)))
    native = draw(st.sampled_from(NATIVES[scalar]))
    return evolve(
        made,
        type=scalar,
        native=native,
        default=draw(defaults(scalar, native, arity)),
        updated_at=scalar == "DateTime" and arity is not Arity.LIST and draw(st.booleans()),
        ignored=draw(st.booleans()),
    )


@st.composite
def enums(draw: Draw, name: str, schema: str | None) -> Enum:
    """Draw an enum; labels hold no quote, which Prisma's engine does not escape."""
    values = [
        EnumValue(name=f"v{number}{draw(words)}", label=draw(database_names)[:20], documentation=draw(documentation))
        for number in range(draw(st.integers(1, 4)))
    ]
    unique = [evolve(value, label=value.label + str(number)) for number, value in enumerate(values)]
    return Enum(
        name=name,
        type=draw(st.just(name) | words.map(lambda word: f"{name} {word}")),
        values=tuple(draw(st.sampled_from([value, evolve(value, label=value.name)])) for value in unique),
        schema=schema,
        documentation=draw(documentation),
    )


class Names:
    """Names of indexes and keys that are taken, by PostgreSQL's schema."""

    def __init__(self) -> None:
        self._taken: set[tuple[str | None, str]] = set()

    def take(self, schema: str | None, name: str) -> bool:
        """Take a name if it is free; PostgreSQL keeps 63 bytes of it."""
        key = (schema, name.encode()[:63].decode(errors="ignore"))
        free = key not in self._taken
        self._taken.add(key)
        return free


@st.composite
def models(draw: Draw, name: str, schema: str | None, known: list[Enum], names: Names) -> Model:
    """Draw a model without relations."""
    table = draw(st.just(name) | words.map(lambda word: f"{name} {word}".strip()))
    members: list[Field] = []
    columns: set[str] = set()
    for number in range(draw(st.integers(0, 6))):
        field = draw(fields(f"f{number}{draw(words)}", known))
        column = field.column if field.column.encode()[:63] not in columns else field.name
        columns.add(column.encode()[:63])
        members.append(evolve(field, column=column.encode()[:63].decode(errors="ignore")))
    keys = []
    for number in range(draw(st.integers(1, 2))):
        scalar, native = draw(st.sampled_from(KEYS))
        default = Call("autoincrement") if scalar in {"Int", "BigInt"} and draw(st.booleans()) else None
        keys.append(
            Field(
                name=f"k{number}",
                column=draw(st.sampled_from([f"k{number}", f"key {number}"])),
                kind=FieldKind.SCALAR,
                type=scalar,
                arity=Arity.REQUIRED,
                native=native,
                default=default,
            )
        )
    on_field = len(keys) == 1 and draw(st.booleans())
    key_name = primary_key_name(table)
    key = PrimaryKey(
        name=key_name if names.take(schema, key_name) else f"{name} key",
        fields=tuple(item.name for item in keys),
        client_name=None if on_field else draw(st.none() | st.just("together")),
        on_field=on_field,
    )
    members = draw(st.permutations([*keys, *members]))
    ordered = [item for item in members if _is_sorted(item)]
    listed = [
        item for item in members if item.arity is Arity.LIST and item.kind is FieldKind.SCALAR and _is_sorted(item)
    ]
    indexes = [draw(indexes_of(table, ordered, listed)) for _ in range(draw(st.integers(0, 3)))]
    uniques = [
        Index(
            kind=IndexKind.UNIQUE,
            name=unique_name(table, [item.column]),
            fields=(IndexField(field=item.name, descending=draw(st.booleans())),),
            on_field=True,
        )
        for item in ordered
        if item not in keys and draw(st.booleans())
    ]
    return Model(
        name=name,
        table=table,
        members=tuple(members),
        schema=schema,
        primary_key=key,
        indexes=tuple(index for index in (*uniques, *indexes) if names.take(schema, index.name)),
        documentation=draw(documentation),
    )


def _is_sorted(item: Field) -> bool:
    native = item.native.name if item.native else ("Json" if item.type == "Json" else "")
    return item.kind is not FieldKind.UNSUPPORTED and native not in NOT_SORTED and item.type != "Json"


@st.composite
def indexes_of(draw: Draw, table: str, ordered: list[Field], listed: list[Field]) -> Index:
    """Draw an index of a model that PostgreSQL can make."""
    algorithm = draw(st.sampled_from(["BTree", "BTree", "Hash"] + ["Gin"] * bool(listed)))
    pool = listed if algorithm == "Gin" else ordered
    size = 3 if algorithm == "BTree" else 1
    chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=size, unique_by=lambda item: item.name))
    hashed = [item for item in chosen if not (item.native and item.native.name in {"Bit", "VarBit", "Money"})]
    if algorithm == "Hash" and (not hashed or chosen[0].arity is Arity.LIST):
        algorithm = "BTree"
    kind = IndexKind.UNIQUE if algorithm == "BTree" and draw(st.booleans()) else IndexKind.NORMAL
    default = (unique_name if kind is IndexKind.UNIQUE else index_name)(table, [item.column for item in chosen])
    where = draw(st.none() | st.just(Call("raw", (Argument(None, Text("1 < 2")),))))
    return Index(
        kind=kind,
        name=draw(st.just(default) | words.map(lambda word: f"own {table[:20]} {word}")),
        fields=tuple(
            IndexField(field=item.name, descending=algorithm == "BTree" and draw(st.booleans())) for item in chosen
        ),
        client_name=draw(st.none() | words.map("n".__add__)) if kind is IndexKind.UNIQUE else None,
        algorithm=algorithm,
        where=where if len(chosen) > 1 or kind is IndexKind.NORMAL else None,
    )
