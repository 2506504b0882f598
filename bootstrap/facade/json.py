"""Write entities, pages and cursors as JSON, and read them back: exact, and the same text from both adapters.

Raw amounts of 256 bits and decimals are text, since few readers of JSON keep their digits; times are ISO 8601 in UTC,
identities and enumerations are text, bytes ``0x`` and hex digits. ::

    text = dumps(position)
    assert loads(text, Position) == position

    @app.get("/users/{user_id}/positions")           # FastAPI: pydantic writes the response by these rules
    async def positions(user_id: UUID) -> list[Json[Position]]: ...
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
from cattrs import BaseValidationError, ClassValidationError, Converter

from strongroom.adapters.sources.entity_files import CONVERTER, first_error
from strongroom.adapters.sources.value_writer import for_json, plain_text
from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.field_types import Boolean, EnumMember, FieldType, FixedPoint, Integer, JsonObject
from strongroom.domain.values.fields import field_type_of
from strongroom.domain.values.json_text import read_json
from strongroom.ports.results import Page

from .cursors import cursor_from_text, cursor_to_text

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

T = TypeVar("T")


def _field_writer(annotation: Any) -> Callable[[Any], Any] | None:
    try:
        return for_json(field_type_of(annotation)[0])
    except TypeError:
        return None


def _unstructure_class(made: Converter, cls: type) -> Callable[[Any], dict[str, Any]]:
    hints = get_type_hints(cls, include_extras=True)
    writers = [(field.name, _field_writer(hints.get(field.name))) for field in attrs.fields(cls)]

    def unstructure(value: Any) -> dict[str, Any]:
        return {
            name: made.unstructure(getattr(value, name)) if write is None else write(getattr(value, name))
            for name, write in writers
        }

    return unstructure


def _structure_class(cls: Any) -> Callable[[Any, Any], Any]:
    read = CONVERTER.gen_structure_attrs_fromdict(cls)

    def structure(value: Any, annotation: Any) -> Any:
        if type(value) is not dict:
            raise InvalidValue(cls.__name__, reason=f"{type(value).__name__} where an object is expected")
        return read(value, annotation)

    return structure


def _is_page(annotation: Any) -> bool:
    """Return whether an annotation is a page of some entity."""
    origin: Any = get_origin(annotation)
    return origin is Page


def _structure_page(made: Converter, annotation: Any) -> Callable[[Any, Any], Page[Any]]:
    [item] = get_args(annotation)

    def structure(value: Any, _annotation: Any) -> Page[Any]:
        if type(value) is not dict or value.keys() != {"items", "next"} or type(value["items"]) is not list:
            raise InvalidValue("Page", reason='an object of "items" (a list) and "next" (a text or null) is expected')
        following = value["next"]
        items = [made.structure(entry, item) for entry in value["items"]]
        return Page(items, None if following is None else cursor_from_text(following))

    return structure


def make_converter() -> Converter:
    """Return a cattrs converter for entities, pages and whatever is made of them; register hooks of your own on it.

    Structuring raises cattrs' ClassValidationError, whose notes name the field, or InvalidValue.
    """
    made = CONVERTER.copy()
    made.register_structure_hook_factory(attrs.has, _structure_class)
    made.register_unstructure_hook_factory(attrs.has, lambda cls: _unstructure_class(made, cls))
    for plain in (Decimal, UUID, datetime, date, bytes, Enum):
        made.register_unstructure_hook(plain, plain_text)
    made.register_unstructure_hook(
        Page,
        lambda page: {
            "items": [made.unstructure(item) for item in page.items],
            "next": None if page.next is None else cursor_to_text(page.next),
        },
    )
    made.register_structure_hook_factory(_is_page, lambda annotation: _structure_page(made, annotation))
    return made


converter: Final = make_converter()
"""The converter that ``to_json`` and its like use."""


def to_json(value: Any) -> Any:
    """Return what the JSON of a value says: of an entity, a page, a report, or a list or dict of them."""
    return converter.unstructure(value)


def from_json(value: Any, cls: type[T]) -> T:
    """Return the value of a class that ``to_json`` gave. Raises InvalidValue with the entity, the field and the reason.

    ``id``, ``created_at`` and the like are read as they are; fields with a default may be left out.
    """
    try:
        return converter.structure(value, cls)
    except BaseValidationError as error:
        raise _first_problem(error) from None
    except (ValueError, TypeError) as error:
        raise InvalidValue(_name_of(cls), reason=str(error)) from None


def _name_of(cls: Any) -> str:
    return str(getattr(cls, "__name__", cls))


def _first_problem(error: BaseValidationError) -> InvalidValue:
    if isinstance(error, ClassValidationError):
        problem = first_error(error)
        return InvalidValue(_name_of(error.cl), field=problem.field, reason=problem.reason)
    inner = error.exceptions[0]
    if isinstance(inner, BaseValidationError):
        return _first_problem(inner)
    return inner if isinstance(inner, InvalidValue) else InvalidValue(_name_of(error.cl), reason=str(inner))


def dumps(value: Any) -> str:
    """Return the JSON text of an entity, a page, a report, or a list or dict of them."""
    return json.dumps(to_json(value), ensure_ascii=False, allow_nan=False)


def loads(text: str, cls: type[T]) -> T:
    """Return the value of a class that ``dumps`` wrote. Raises InvalidValue, also for a text that is not JSON."""
    try:
        value = read_json(text)
    except ValueError as error:
        raise InvalidValue(_name_of(cls), reason=f"not JSON: {error}") from None
    return from_json(value, cls)


class JsonSchema:
    """Tell pydantic, and FastAPI by it, to read and write the annotated class by ``converter``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

        def validate(value: Any) -> Any:
            if isinstance(value, get_origin(source) or source):
                return value
            try:
                return from_json(value, source)
            except InvalidValue as error:
                raise ValueError(str(error)) from None

        rules = PlainValidator(validate), PlainSerializer(to_json), WithJsonSchema(_json_schema(source))
        return handler.generate_schema(Annotated[(Any, *rules)])


Json = Annotated[T, JsonSchema()]
"""``Json[Position]``, ``Json[Page[Position]]``: a type for pydantic's fields and FastAPI's responses and bodies."""


def _json_schema(cls: Any) -> dict[str, Any]:
    """Return the JSON Schema of what ``to_json`` gives for a class."""
    if get_origin(cls) is Page:
        [item] = get_args(cls)
        return {
            "title": f"Page of {item.__name__}",
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": _json_schema(item)},
                "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            },
            "required": ["items", "next"],
        }
    hints = get_type_hints(cls, include_extras=True)
    properties = {field.name: _field_schema(hints[field.name]) for field in attrs.fields(cls)}
    description = (cls.__doc__ or "").partition("\n")[0]
    return {
        "title": cls.__name__,
        "description": description,
        "type": "object",
        "properties": properties,
        "required": [*properties],
    }


def _field_schema(annotation: Any) -> dict[str, Any]:
    try:
        kind, optional = field_type_of(annotation)
    except TypeError:
        return {}
    schema = _kind_schema(kind)
    return {"anyOf": [schema, {"type": "null"}]} if optional else schema


def _kind_schema(kind: FieldType) -> dict[str, Any]:  # noqa: PLR0911 - one answer for each kind
    match kind:
        case FixedPoint():
            return {"type": "string", "format": "decimal"}
        case Integer(bits=256):
            return {"type": "string", "pattern": "^-?[0-9]+$"}
        case Integer():
            return {"type": "integer", "minimum": kind.low, "maximum": kind.high}
        case Boolean():
            return {"type": "boolean"}
        case EnumMember():
            return {"type": "string", "enum": [member.value for member in kind.enum]}
        case JsonObject():
            return {"type": "object"}
    formats = {"Timestamp": "date-time", "Date": "date", "Uuid": "uuid"}
    named = formats.get(type(kind).__name__)
    return {"type": "string", "format": named} if named else {"type": "string"}
