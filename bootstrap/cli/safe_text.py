"""Text that may be shown: without passwords, and without characters that a terminal would obey."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_HIDDEN: Final = "***"
_PASSWORD_IN_ADDRESS: Final = re.compile(r"(\w[\w+.-]*://[^\s:/@]*:)\S+(?=@)")
_PASSWORD_IN_QUERY: Final = re.compile(r"(password=)[^&\s'\"]+", re.IGNORECASE)
_TELLING: Final = 4
"""A shorter password is hidden within addresses only: anywhere else it could be part of any word."""


def printable(text: str) -> str:
    """Return a text in one line, with what is not printable written as Python's escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def without_passwords(text: str, addresses: Iterable[str | None] = ()) -> str:
    """Return a text without the passwords in its addresses, and without those of other addresses wherever they are."""
    for address in addresses:
        for password in _passwords(address or ""):
            text = text.replace(f":{password}@", f":{_HIDDEN}@")
            if len(password) >= _TELLING:
                text = text.replace(password, _HIDDEN)
    return _PASSWORD_IN_QUERY.sub(rf"\1{_HIDDEN}", _PASSWORD_IN_ADDRESS.sub(rf"\1{_HIDDEN}", text))


def _passwords(address: str) -> set[str]:
    """Return the passwords of an address, as written and as decoded."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return set()
    found = {value for key, value in parse_qsl(parts.query) if key == "password"}
    if parts.password:
        found |= {parts.password, unquote(parts.password)}
    return found
