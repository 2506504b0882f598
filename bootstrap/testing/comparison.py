"""Convert the results of two storages so that equal means the same to the last digit, zone and type."""

from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
from attrs import frozen

from strongroom.domain.errors import StrongroomError
from strongroom.ports.errors import StorageUnavailable


@frozen
class Returned:
    """A call returned a value."""

    value: Any


@frozen
class Raised:
    """A call raised: the error's class, and what it says of the place."""

    error: str
    entity: Any = None
    constraint: Any = None
    field: Any = None
    key: Any = None
    version: Any = None


def exact_form(value: Any) -> Any:  # noqa: PLR0911
    """Return a form of a value that equals another's only where type, zone, digits and the order of JSON are."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, bool | int | float):
        return (type(value).__name__, repr(value))
    if isinstance(value, Decimal):
        return ("Decimal", str(value))
    if isinstance(value, datetime):
        return ("datetime", value.isoformat(), str(value.tzinfo))
    if attrs.has(type(value)):
        return (
            type(value).__name__,
            *((f.name, exact_form(getattr(value, f.name))) for f in attrs.fields(type(value))),
        )
    if isinstance(value, dict):
        items = {key: exact_form(item) for key, item in value.items()}
        return ("dict", tuple(items.items()) if all(type(key) is str for key in items) else items)
    if isinstance(value, list | tuple):
        return (type(value).__name__, *(exact_form(item) for item in value))
    return value


async def call_outcome(call: Awaitable[Any]) -> Returned | Raised:
    """Await a call and tell what it did; an error that no port promises goes through."""
    try:
        return Returned(exact_form(await call))
    except StorageUnavailable:
        raise
    except (StrongroomError, ValueError, TypeError) as error:
        return Raised(
            type(error).__name__,
            *(exact_form(getattr(error, name, None)) for name in ("entity", "constraint", "field", "key", "version")),
        )
