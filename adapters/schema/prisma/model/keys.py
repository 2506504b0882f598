"""Reads what makes keys and indexes: @id, @unique, @@id, @@unique, @@index."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from strongroom.adapters.schema.prisma.expressions import REMEDY, complaint
from strongroom.adapters.schema.prisma.model.constraint_names import (
    MAX_NAME_BYTES,
    index_name,
    primary_key_name,
    unique_name,
)
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Arity,
    Attribute,
    Call,
    Constant,
    Expression,
    FieldLine,
    Number,
    Object,
    Text,
)

from .arguments import Arguments, ProblemList, constant_items
from .native_types import ALGORITHMS, OPERATOR_CLASSES
from .schema import Field, Index, IndexField, IndexKind, PrimaryKey

NOT_IN_POSTGRES = ("clustered", "length")
OF_MODELS = {
    "id": ("fields", "name", "map", "clustered"),
    "unique": ("fields", "name", "map", "clustered", "where"),
    "index": ("fields", "name", "map", "type", "clustered", "where"),
}


@frozen(kw_only=True)
class KeyContext:
    """A model while its keys are read: its name, its table, its columns, and the names of its relation fields."""

    model: str
    name: str
    fields: Mapping[str, Field]
    relations: frozenset[str]
    problems: ProblemList

    def columns(self, fields: Sequence[IndexField]) -> list[str]:
        """Return the columns of the fields that exist."""
        return [self.fields[item.field].column for item in fields if item.field in self.fields]


def key_of_field(line: FieldLine, attribute: Attribute, table: KeyContext) -> PrimaryKey:
    """Return the primary key that @id on a field declares."""
    given = Arguments.of(attribute, ["map", "length", "sort", "clustered"], table.problems)
    _refuse_arguments(given, attribute, (*NOT_IN_POSTGRES, "sort"), table.problems)
    if line.type.arity is not Arity.REQUIRED:
        table.problems.add(attribute.position, "A key is never without a value, and no list.", "Remove ? or [].")
    name = _name(given, table.problems) or primary_key_name(table.name)
    return PrimaryKey(name=name, fields=(line.name,), on_field=True, position=attribute.position)


def unique_of_field(line: FieldLine, attribute: Attribute, table: KeyContext) -> Index:
    """Return the unique index that @unique on a field declares."""
    given = Arguments.of(attribute, ["map", "length", "sort", "clustered", "where"], table.problems)
    _refuse_arguments(given, attribute, NOT_IN_POSTGRES, table.problems)
    fields = (IndexField(field=line.name, descending=given.word("sort", ["Asc", "Desc"]) == "Desc"),)
    return Index(
        kind=IndexKind.UNIQUE,
        name=_name(given, table.problems) or unique_name(table.name, table.columns(fields)),
        fields=fields,
        where=_where_clause(given, table),
        on_field=True,
        position=attribute.position,
    )


def key_of_model(attribute: Attribute, table: KeyContext) -> PrimaryKey:
    """Return the primary key that @@id declares."""
    given = Arguments.of(attribute, OF_MODELS["id"], table.problems, "@@")
    _refuse_arguments(given, attribute, NOT_IN_POSTGRES, table.problems)
    fields = _fields(given, attribute, table, operators=False)
    for item in fields:
        field = table.fields.get(item.field)
        if item.descending:
            table.problems.add(attribute.position, "A primary key of PostgreSQL has no order.", "Remove sort.")
        if field and field.arity is not Arity.REQUIRED:
            table.problems.add(
                attribute.position, f"{item.field} may lack a value, and a key may not.", "Require it, or use @@unique."
            )
    return PrimaryKey(
        name=_name(given, table.problems) or primary_key_name(table.name),
        fields=tuple(item.field for item in fields),
        client_name=_client_name(given, attribute, table),
        position=attribute.position,
    )


def index_of_model(attribute: Attribute, table: KeyContext) -> Index:
    """Return the index that @@unique or @@index declares."""
    unique = attribute.name == "unique"
    given = Arguments.of(attribute, OF_MODELS[attribute.name], table.problems, "@@")
    _refuse_arguments(given, attribute, NOT_IN_POSTGRES, table.problems)
    fields = _fields(given, attribute, table, operators=not unique)
    algorithm = given.word("type", ALGORITHMS) or "BTree"
    _check_operators(fields, algorithm, attribute, table.problems)
    name = _name(given, table.problems)
    if not unique and given.value("name") is not None:
        if name:
            table.problems.add(attribute.position, "name stands for map in @@index.", "Keep map alone.")
        name = name or given.text("name")
    default = (unique_name if unique else index_name)(table.name, table.columns(fields))
    return Index(
        kind=IndexKind.UNIQUE if unique else IndexKind.NORMAL,
        name=name or default,
        fields=fields,
        client_name=_client_name(given, attribute, table) if unique else None,
        algorithm=algorithm,
        where=_where_clause(given, table),
        position=attribute.position,
    )


def _fields(given: Arguments, attribute: Attribute, table: KeyContext, *, operators: bool) -> tuple[IndexField, ...]:
    items = given.items("fields", required=True)
    if items == ():
        table.problems.add(attribute.position, f"@@{attribute.name} has no fields.", "Name at least one.")
    found: list[IndexField] = []
    for item in items or ():
        read = _index_field(item, attribute, table, operators=operators)
        if read is None:
            continue
        if read.field in table.relations:
            table.problems.add(
                item.position,
                f"{read.field} leads to a model and has no column.",
                "Name the fields that its key is in.",
            )
        elif read.field not in table.fields:
            table.problems.add(
                item.position, f"{table.model} has no field {read.field}.", f"It has {', '.join(table.fields)}."
            )
        elif any(read.field == other.field for other in found):
            table.problems.add(item.position, f"{read.field} stands there twice.", "Keep one.")
        else:
            found.append(read)
    return tuple(found)


def _index_field(item: Expression, attribute: Attribute, table: KeyContext, *, operators: bool) -> IndexField | None:
    if isinstance(item, Constant):
        return IndexField(field=item.name)
    if not isinstance(item, Call):
        constant_items([item], f"@@{attribute.name}", table.problems)
        return None
    given = Arguments(item.name, item.position, item.arguments, ["sort", "length", "ops"], table.problems)
    _refuse_arguments(given, attribute, ("length",), table.problems)
    ops = given.value("ops")
    if ops is not None and not operators:
        table.problems.add(item.position, "Only @@index takes operator classes.", "Remove ops.")
    return IndexField(
        field=item.name,
        descending=given.word("sort", ["Asc", "Desc"]) == "Desc",
        operators=ops,
    )


def _check_operators(fields: Sequence[IndexField], algorithm: str, attribute: Attribute, problems: ProblemList) -> None:
    for item in fields:
        if algorithm == "Hash" and item.descending:
            problems.add(attribute.position, "A hash index has no order.", "Remove sort.")
        match item.operators:
            case None:
                continue
            case Call(name="raw", arguments=(argument,)) if isinstance(argument.value, Text):
                continue
            case Constant(name=name) if name in OPERATOR_CLASSES:
                serves = OPERATOR_CLASSES[name].algorithms
                if algorithm not in serves:
                    problems.add(attribute.position, f"{name} serves no {algorithm}.", f"Add type: {serves[0]}.")
            case other:
                problems.add(
                    other.position,
                    "This is no operator class that Prisma knows.",
                    'Write raw("…") around PostgreSQL\'s.',
                )
    if algorithm == "SpGist" and len(fields) > 1:
        problems.add(attribute.position, f"An index of type {algorithm} has one column.", "Make several of them.")


def _where_clause(given: Arguments, table: KeyContext) -> Expression | None:
    where = given.value("where")
    if where is not None:
        check_condition(where, table.model, table.fields, table.problems)
    return where


def _refuse_arguments(given: Arguments, attribute: Attribute, names: Sequence[str], problems: ProblemList) -> None:
    for name in names:
        if given.value(name) is not None:
            problems.add(attribute.position, f"PostgreSQL knows no {name} here.", "Remove it.")


def _name(given: Arguments, problems: ProblemList) -> str | None:
    name = given.text("map")
    if name and len(name.encode()) > MAX_NAME_BYTES:
        problems.add(
            given.position,
            f"The name {name} has more than {MAX_NAME_BYTES} bytes.",
            "PostgreSQL would cut it; shorten it.",
        )
    return name


def _client_name(given: Arguments, attribute: Attribute, table: KeyContext) -> str | None:
    name = given.text("name")
    if name and (not name.isascii() or not name.replace("_", "a").isalnum()):
        table.problems.add(
            attribute.position, f"The client cannot name a key {name}.", "Use letters, digits and underscores."
        )
    if name and (name in table.fields or name in table.relations):
        table.problems.add(attribute.position, f"{name} is a field already.", "Give the key another name.")
    return name


def check_condition(where: Expression, model: str, fields: Mapping[str, Field], problems: ProblemList) -> None:
    """Take note of what is wrong with the condition of a partial index."""
    match where:
        case Call(name="raw", arguments=(argument,)) if (
            isinstance(argument.value, Text) and argument.value.value.strip()
        ):
            if wrong := complaint(argument.value.value):
                problems.add(where.position, f"The SQL of raw() {wrong}.", REMEDY)
        case Object(entries=entries) if entries:
            for name, value in entries:
                if name not in fields:
                    problems.add(where.position, f"{model} has no field {name}.", f"It has {', '.join(fields)}.")
                _check_value(name, value, problems)
        case _:
            problems.add(
                where.position, "This is no condition of an index.", 'Write raw("…"), or { field: value } with values.'
            )


def _check_value(name: str, value: Expression, problems: ProblemList) -> None:
    match value:
        case Object(entries=(("not", inner),)) if _is_value(inner):
            return
        case _ if _is_value(value):
            return
    problems.add(
        value.position,
        f"{name} is compared with what is no value.",
        'Write a literal, null, or { not: … }, or raw("…").',
    )


def _is_value(value: Expression) -> bool:
    return isinstance(value, Text | Number) or (isinstance(value, Constant) and value.name in {"true", "false", "null"})
