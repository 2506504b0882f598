"""What Prisma's DMMF would say of a schema that we have read."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from strongroom.adapters.schema.prisma.model.constraint_names import index_name, primary_key_name, unique_name
from strongroom.adapters.schema.prisma.model.schema import (
    Enum,
    Field,
    FieldKind,
    Index,
    IndexField,
    Model,
    PrismaSchema,
    ReferentialAction,
    Relation,
)
from strongroom.adapters.schema.prisma.syntax.nodes import Arity, Call, Constant, Expression, List, Number, Text

Json = dict[str, Any]
INTEGERS = {"Int", "BigInt"}
VERSIONS = {"uuid": [Decimal(4)], "cuid": [Decimal(1)]}


def described(schema: PrismaSchema) -> Json:
    """Return our reading in the words of the DMMF: what the client sees, names of the database where it has them."""
    models = [model for model in (*schema.models, *schema.views) if not model.ignored]
    return {
        "models": {model.name: _model(model) for model in models},
        "enums": {enum.name: _enum(enum) for enum in schema.enums},
        "indexes": sorted((_index for model in models for _index in _indexes(model)), key=repr),
    }


def simplified(dmmf: Json, ours: PrismaSchema) -> Json:
    """Return the DMMF in the same form: what it leaves to Prisma's defaults filled in by their rules."""
    return {
        "models": {model["name"]: _their_model(model, ours) for model in dmmf["models"]},
        "enums": {
            enum["name"]: {
                "type": enum["dbName"] or enum["name"],
                "values": [
                    (value["name"], value["dbName"] or value["name"], _said(value.get("documentation")))
                    for value in enum["values"]
                ],
                "documentation": _said(enum.get("documentation")),
            }
            for enum in dmmf["enums"]
        },
        "indexes": sorted((_their_index(index, ours) for index in dmmf["indexes"]), key=repr),
    }


def _said(documentation: str | None) -> str | None:
    """Return what a comment says without stars at the beginnings of its lines, which Prisma's DMMF keeps."""
    if documentation is None or "*" not in documentation:
        return documentation
    lines = [line.strip().removeprefix("*").strip() for line in documentation.split("\n")]
    return "\n".join(line for line in lines if line)


def _enum(enum: Enum) -> Json:
    return {
        "type": enum.type,
        "values": [(value.name, value.label, _said(value.documentation)) for value in enum.values],
        "documentation": _said(enum.documentation),
    }


def _model(model: Model) -> Json:
    key = model.primary_key
    uniques = [index for index in model.indexes if index.kind.value == "unique"]
    whole = [index for index in uniques if not index.on_field and index.where is None]
    return {
        "table": model.table,
        "schema": model.schema,
        "documentation": _said(model.documentation),
        "primaryKey": {"name": key.client_name, "fields": list(key.fields)} if key and not key.on_field else None,
        "uniqueIndexes": [{"name": index.client_name, "fields": _names(index)} for index in whole],
        "fields": {
            member.name: _field(member, model) if isinstance(member, Field) else _relation(member)
            for member in model.members
            if not member.ignored and not (isinstance(member, Field) and member.kind is FieldKind.UNSUPPORTED)
        },
    }


def _field(field: Field, model: Model) -> Json:
    key = model.primary_key
    return {
        "kind": field.kind.value,
        "type": field.type,
        "arity": field.arity.name,
        "column": field.column,
        "id": bool(key and key.fields == (field.name,)),
        "unique": any(
            index.kind.value == "unique" and index.where is None and _names(index) == [field.name]
            for index in model.indexes
            if not (key and key.fields == (field.name,))
        ),
        "readOnly": any(field.name in relation.fields for relation in model.relations),
        "updatedAt": field.updated_at,
        "native": [field.native.name, [str(argument) for argument in field.native.arguments]] if field.native else None,
        "default": None if field.default is None else _default(field.default, field.type),
        "documentation": _said(field.documentation),
    }


def _relation(relation: Relation) -> Json:
    return {
        "type": relation.model,
        "arity": relation.arity.name,
        "relation": relation.relation,
        "from": list(relation.fields),
        "to": list(relation.references),
        "onDelete": relation.on_delete.value if relation.on_delete else None,
        "onUpdate": relation.on_update.value if relation.on_update else None,
        "documentation": _said(relation.documentation),
    }


def _default(value: Expression, type_: str) -> Any:
    match value:
        case List(items=items):
            return [_default(item, type_) for item in items]
        case Call(name=name, arguments=arguments):
            given = [_default(argument.value, "Int") for argument in arguments]
            return {"name": name, "args": given or VERSIONS.get(name, [])}
        case Number(text=text):
            return _literal(text, type_)
        case Text(value=text):
            return _literal(text, type_)
        case Constant(name=name):
            return {"true": True, "false": False}[name] if type_ == "Boolean" else name
    raise AssertionError(value)


def _indexes(model: Model) -> list[Json]:
    key = model.primary_key
    found = [_described_index(model, index) for index in model.indexes]
    if key:
        found.append(
            {
                "model": model.name,
                "type": "id",
                "onField": key.on_field,
                "name": key.client_name,
                "dbName": key.name,
                "algorithm": "BTree",
                "fields": [(field, "asc", None) for field in key.fields],
            }
        )
    return found


def _described_index(model: Model, index: Index) -> Json:
    return {
        "model": model.name,
        "type": "unique" if index.kind.value == "unique" else "normal",
        "onField": index.on_field,
        "name": index.client_name,
        "dbName": index.name,
        "algorithm": index.algorithm,
        "fields": [(item.field, "desc" if item.descending else "asc", _operators(item)) for item in index.fields],
    }


def _operators(item: IndexField) -> str | None:
    match item.operators:
        case Constant(name=name):
            return name
        case Call(arguments=(argument,)) if isinstance(argument.value, Text):
            return argument.value.value
    return None


def _names(index: Index) -> list[str]:
    return [item.field for item in index.fields]


def _their_model(model: Json, ours: PrismaSchema) -> Json:
    assert model["uniqueFields"] == [index["fields"] for index in model["uniqueIndexes"]]
    mine = next(known for known in (*ours.models, *ours.views) if known.name == model["name"])
    return {
        "table": model["dbName"] or model["name"],
        "schema": model["schema"],
        "documentation": _said(model.get("documentation")),
        "primaryKey": model["primaryKey"],
        "uniqueIndexes": model["uniqueIndexes"],
        "fields": {
            field["name"]: _their_relation(field, mine) if field["kind"] == "object" else _their_field(field)
            for field in model["fields"]
        },
    }


def _their_field(field: Json) -> Json:
    assert field["hasDefaultValue"] == ("default" in field)
    default, native = field.get("default"), field["nativeType"]
    return {
        "kind": field["kind"],
        "type": field["type"],
        "arity": "LIST" if field["isList"] else "REQUIRED" if field["isRequired"] else "OPTIONAL",
        "column": field.get("dbName") or field["name"],
        "id": field["isId"],
        "unique": field["isUnique"],
        "readOnly": field["isReadOnly"],
        "updatedAt": field["isUpdatedAt"],
        "native": [native[0], [str(int(argument)) for argument in native[1]]] if native else None,
        "default": _their_default(default, field["type"]),
        "documentation": _said(field.get("documentation")),
    }


def _their_default(default: Any, type_: str) -> Any:
    if isinstance(default, dict):
        return {"name": default["name"], "args": [_their_default(value, "Int") for value in default["args"]]}
    if isinstance(default, list):
        return [_their_default(item, type_) for item in default]
    return default if default is None or isinstance(default, bool) else _literal(str(default), type_)


def _literal(text: str, type_: str) -> Any:
    if type_ == "DateTime":
        return datetime.fromisoformat(text)
    if type_ in {"Float", "Decimal"}:
        return round(float(text), 6)  # the DMMF has them as floats that are not always the nearest ones
    try:
        return Decimal(text) if type_ in INTEGERS else text
    except ArithmeticError:
        return text


def _their_relation(field: Json, mine: Model) -> Json:
    holds = bool(field["relationFromFields"])
    optional = all(mine.field(name).arity is Arity.OPTIONAL for name in field["relationFromFields"])
    deleting = ReferentialAction.SET_NULL if optional else ReferentialAction.RESTRICT
    return {
        "type": field["type"],
        "arity": "LIST" if field["isList"] else "REQUIRED" if field["isRequired"] else "OPTIONAL",
        "relation": field["relationName"],
        "from": field["relationFromFields"],
        "to": field["relationToFields"],
        "onDelete": field.get("relationOnDelete", deleting.value if holds else None),
        "onUpdate": field.get("relationOnUpdate", "Cascade" if holds else None),
        "documentation": _said(field.get("documentation")),
    }


def _their_index(index: Json, ours: PrismaSchema) -> Json:
    """Return an index in our words; its default name is ours, which the tests of the catalog hold against Prisma."""
    mine = next(known for known in (*ours.models, *ours.views) if known.name == index["model"])
    fields = [(item["name"], item.get("sortOrder") or "asc", item.get("operatorClass")) for item in index["fields"]]
    columns = [mine.field(item[0]).column for item in fields]
    defaults = {
        "id": primary_key_name(mine.table),
        "unique": unique_name(mine.table, columns),
        "normal": index_name(mine.table, columns),
    }
    return {
        "model": index["model"],
        "type": index["type"],
        "onField": index["isDefinedOnField"],
        "name": index.get("name"),
        "dbName": index.get("dbName") or defaults[index["type"]],
        "algorithm": index.get("algorithm") or "BTree",
        "fields": fields,
    }
