"""Makes the syntax of a schema from its values, for printing; what Prisma assumes anyway is not written."""

from collections.abc import Iterator

from strongroom.adapters.schema.prisma.model.constraint_names import (
    foreign_key_name,
    index_name,
    primary_key_name,
    unique_name,
)
from strongroom.adapters.schema.prisma.model.schema import (
    Configuration,
    Enum,
    Field,
    FieldKind,
    Index,
    IndexField,
    IndexKind,
    Model,
    PrimaryKey,
    PrismaSchema,
    ReferentialAction,
    Relation,
    View,
)
from strongroom.adapters.schema.prisma.syntax.formatter import format_document
from strongroom.adapters.schema.prisma.syntax.nodes import (
    Argument,
    Arity,
    Attribute,
    AttributeLine,
    Blank,
    Block,
    BlockKind,
    Call,
    Comment,
    Constant,
    Document,
    Expression,
    FieldLine,
    Line,
    List,
    Number,
    SettingLine,
    Text,
    TypeReference,
    ValueLine,
)


def format_schema(schema: PrismaSchema) -> str:
    """Return the text of one file that declares a schema, as Prisma formats it; reading it gives the schema back."""
    return format_document(schema_document(schema))


def schema_document(schema: PrismaSchema) -> Document:
    """Return the syntax of a whole schema: generators, the datasource, models, views, enums."""
    blocks = [
        *((_configuration(item, BlockKind.GENERATOR), item.documentation) for item in schema.generators),
        (_configuration(schema.datasource, BlockKind.DATASOURCE), schema.datasource.documentation),
        *(
            (model_block(model, schema.datasource.name), model.documentation)
            for model in (*schema.models, *schema.views)
        ),
        *((enum_block(enum), enum.documentation) for enum in schema.enums),
    ]
    items: list[Block | Comment | Blank] = []
    for block, documentation in blocks:
        items += [*comments(documentation), block, Blank()]
    return Document(tuple(items[:-1]))


def model_block(model: Model, datasource: str = "db") -> Block:
    """Return the syntax of a model or a view, without the comment before it; its native types are the datasource's."""
    lines: list[Line] = []
    for member in model.members:
        lines += comments(member.documentation)
        lines.append(_field(member, model, datasource) if isinstance(member, Field) else _relation(member, model))
    lines += [AttributeLine(attribute) for attribute in _model_attributes(model)]
    return Block(BlockKind.VIEW if isinstance(model, View) else BlockKind.MODEL, model.name, tuple(lines))


def enum_block(enum: Enum) -> Block:
    """Return the syntax of an enum, without the comment before it."""
    lines: list[Line] = []
    for value in enum.values:
        mapped = (_named("map", value.label),) if value.label != value.name else ()
        lines += [*comments(value.documentation), ValueLine(value.name, mapped)]
    if enum.type != enum.name:
        lines.append(AttributeLine(_named("map", enum.type)))
    if enum.schema is not None:
        lines.append(AttributeLine(_named("schema", enum.schema)))
    return Block(BlockKind.ENUM, enum.name, tuple(lines))


def comments(documentation: str | None) -> list[Comment]:
    """Return the comments that say a documentation, a line each."""
    lines = [] if documentation is None else documentation.split("\n")
    return [Comment(f"/// {line}" if line else "///") for line in lines]


def _configuration(configuration: Configuration, kind: BlockKind) -> Block:
    lines = tuple(SettingLine(name, value) for name, value in configuration.settings)
    return Block(kind, configuration.name, lines)


def _field(field: Field, model: Model, datasource: str) -> FieldLine:
    return FieldLine(
        field.name,
        TypeReference(field.type, field.arity, unsupported=field.kind is FieldKind.UNSUPPORTED),
        tuple(_field_attributes(field, model, datasource)),
    )


def _field_attributes(field: Field, model: Model, datasource: str) -> Iterator[Attribute]:
    key = model.primary_key
    if key and key.on_field and key.fields == (field.name,):
        yield _with_name("id", _map(key.name, primary_key_name(model.table)))
    for index in model.indexes:
        if index.on_field and index.fields[0].field == field.name:
            yield _with_name(
                "unique", _map(index.name, _default_name(index, model)), _sort(index.fields[0]), _where(index)
            )
    if field.default is not None:
        yield Attribute("default", (Argument(None, field.default),))
    if field.updated_at:
        yield Attribute("updatedAt")
    if field.column != field.name:
        yield _named("map", field.column)
    if field.ignored:
        yield Attribute("ignore")
    if field.native:
        numbers = tuple(Argument(None, Number(str(number))) for number in field.native.arguments)
        yield Attribute(f"{datasource}.{field.native.name}", numbers or None)


def _relation(relation: Relation, model: Model) -> FieldLine:
    given = [Argument(None, Text(relation.relation)) if relation.named else None]
    if relation.holds_key:
        default = foreign_key_name(model.table, [model.field(name).column for name in relation.fields])
        optional = all(model.field(name).arity is Arity.OPTIONAL for name in relation.fields)
        deleting = ReferentialAction.SET_NULL if optional else ReferentialAction.RESTRICT
        given += [
            Argument("fields", _list(relation.fields)),
            Argument("references", _list(relation.references)),
            _action("onDelete", relation.on_delete, deleting),
            _action("onUpdate", relation.on_update, ReferentialAction.CASCADE),
            _map(relation.constraint, default),
        ]
    attributes = [_with_name("relation", *given)] if any(given) else []
    if relation.ignored:
        attributes.append(Attribute("ignore"))
    return FieldLine(relation.name, TypeReference(relation.model, relation.arity), tuple(attributes))


def _model_attributes(model: Model) -> Iterator[Attribute]:
    key = model.primary_key
    if key and not key.on_field:
        yield _with_name(
            "id", Argument(None, _list(key.fields)), _client_name(key), _map(key.name, primary_key_name(model.table))
        )
    for index in model.indexes:
        if not index.on_field:
            yield _with_name(
                "unique" if index.kind is IndexKind.UNIQUE else "index",
                Argument(None, List(tuple(map(_index_field, index.fields)))),
                _client_name(index),
                Argument("type", Constant(index.algorithm)) if index.algorithm != "BTree" else None,
                _map(index.name, _default_name(index, model)),
                _where(index),
            )
    if model.table != model.name:
        yield _named("map", model.table)
    if model.schema is not None:
        yield _named("schema", model.schema)
    if model.ignored:
        yield Attribute("ignore")


def _default_name(index: Index, model: Model) -> str:
    columns = [model.field(item.field).column for item in index.fields]
    return (unique_name if index.kind is IndexKind.UNIQUE else index_name)(model.table, columns)


def _index_field(item: IndexField) -> Expression:
    given = (Argument("ops", item.operators) if item.operators else None, _sort(item))
    arguments = tuple(argument for argument in given if argument)
    return Call(item.field, arguments) if arguments else Constant(item.field)


def _sort(item: IndexField) -> Argument | None:
    return Argument("sort", Constant("Desc")) if item.descending else None


def _where(index: Index) -> Argument | None:
    return Argument("where", index.where) if index.where else None


def _map(name: str | None, default: str) -> Argument | None:
    return Argument("map", Text(name)) if name is not None and name != default else None


def _client_name(key: PrimaryKey | Index) -> Argument | None:
    return Argument("name", Text(key.client_name)) if key.client_name else None


def _action(name: str, action: ReferentialAction | None, default: ReferentialAction) -> Argument | None:
    return Argument(name, Constant(action.value)) if action and action is not default else None


def _list(names: tuple[str, ...]) -> List:
    return List(tuple(map(Constant, names)))


def _named(attribute: str, text: str) -> Attribute:
    return Attribute(attribute, (Argument(None, Text(text)),))


def _with_name(name: str, *arguments: Argument | None) -> Attribute:
    given = tuple(argument for argument in arguments if argument is not None)
    return Attribute(name, given or None)
