"""Write the cursor of a page as an opaque text for a URL, and read it back, checked or signed.

A cursor is a tuple of the values that the last row has in the order's fields. Clients get it as one text, which they
neither read nor change. ::

    page = await storage.messages.page_by_chat(chat_id, after=cursor_from_text(text, context=str(chat_id)))
    following = cursor_to_text(page.next, context=str(chat_id))

Without a key the text carries a checksum, so that a damaged one is refused. With a key it is signed: only a
holder of the key can make a cursor. ``context`` (a list's name, a user's identity) is part of the sum and not of the
text: a cursor of one list is refused for another.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Final
from uuid import UUID

from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.instants import as_utc
from strongroom.ports.criteria import Cursor

MAX_CURSOR_LENGTH: Final = 4_000
_CHECKSUM_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 16
_PERSON: Final = b"strongroom curs"


def cursor_to_text(cursor: Cursor, *, key: bytes = b"", context: str = "") -> str:
    """Return a cursor as text of letters, digits, ``-`` and ``_``; ``key`` (at most 64 bytes) signs it."""
    content = json.dumps([_written(value) for value in cursor], separators=(",", ":"), ensure_ascii=False).encode()
    return _encode(_digest(content, key, context) + content)


def cursor_from_text(text: str, *, key: bytes = b"", context: str = "", enums: Iterable[type[Enum]] = ()) -> Cursor:
    """Return the cursor of a text; ``enums`` are a service's own, if its lists are ordered by them.

    Raises InvalidValue if the text is damaged, of another context, or signed with another key.
    """
    refused = InvalidValue("Cursor", reason="it is damaged, or belongs to another list: begin with the first page")
    if type(text) is not str or len(text) > MAX_CURSOR_LENGTH or not text.isascii():
        raise refused
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise refused from None
    size = _SIGNATURE_BYTES if key else _CHECKSUM_BYTES
    digest, content = data[:size], data[size:]
    if not compare_digest(digest, _digest(content, key, context)) or _encode(data) != text:
        raise refused
    try:
        known = {**_enums(), **{enum.__name__: enum for enum in enums}}
        return tuple(_read(tag, value, known) for tag, value in json.loads(content))
    except (ValueError, KeyError, TypeError, RecursionError, InvalidOperation):
        raise refused from None


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _digest(content: bytes, key: bytes, context: str) -> bytes:
    size = _SIGNATURE_BYTES if key else _CHECKSUM_BYTES
    described = len(context.encode()).to_bytes(8, "big") + context.encode() + content
    return blake2b(described, digest_size=size, key=key, person=_PERSON).digest()


_WRITERS: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (bool, "b", lambda value: "1" if value else "0"),
    (int, "i", str),
    (str, "s", str),
    (Decimal, "d", str),
    (UUID, "u", str),
    (datetime, "t", datetime.isoformat),
    (date, "y", date.isoformat),
    (bytes, "x", bytes.hex),
)
"""A subclass stands before its base; drivers have subclasses of their own, as asyncpg has of UUID."""
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "b": {"1": True, "0": False}.__getitem__,
    "i": int,
    "s": str,
    "d": Decimal,
    "u": UUID,
    "t": lambda text: as_utc(datetime.fromisoformat(text)),
    "y": date.fromisoformat,
    "x": bytes.fromhex,
}


def _written(value: Any) -> tuple[str, str]:
    if value is None:
        return "n", ""
    if isinstance(value, Enum):
        return f"e{type(value).__name__}", str(value.value)
    for cls, tag, write in _WRITERS:
        if issubclass(type(value), cls):
            return tag, write(value)
    raise InvalidValue("Cursor", reason=f"{type(value).__name__} is no value of a cursor")


def _read(tag: str, text: str, enums: Mapping[str, type[Enum]]) -> Any:
    if tag == "n":
        return None
    if tag.startswith("e"):
        return enums[tag[1:]](text)
    return _READERS[tag](text)


@cache
def _enums() -> dict[str, type[Enum]]:
    """Return the platform's enumerations by the names of their classes."""
    from strongroom.adapters.mapping.platform import PLATFORM

    return {enum.__name__: enum for enum in PLATFORM.enums.values()}
