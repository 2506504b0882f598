"""Make text fit to be shown: without passwords, and without characters that a terminal would obey."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

_MASK: Final = "***"
_WORD: Final = re.compile(r"\S+")
_PARAMETER: Final = re.compile(r"[?&]([^=&?]*)=")
_PASSWORD_SETTING: Final = re.compile(r"(?i)(password\s*=\s*)('[^']*'?|[^&\s'\"]+)")
_SECRET_PARAMETERS: Final = frozenset({"password", "sslpassword", "passfile"})
_UNSAFE: Final = 4
"""A shorter password is hidden within addresses only: anywhere else it could be part of any word."""


def escape_unprintable(text: str) -> str:
    """Return a text in one line, with what is not printable written as Python's escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def mask_passwords(text: str, addresses: Iterable[str | None] = ()) -> str:
    """Return a text without the passwords in its addresses, and without those of other addresses wherever they are.

    A password that is not percent-encoded is hidden to the last @ before it ends, or to the end of the word if it
    stands among the parameters. Takes time linear in the text's length.
    """
    for address in addresses:
        for password in sorted(set(_passwords(address or "")), key=len, reverse=True):
            text = text.replace(f":{password}@", f":{_MASK}@")
            if len(password) >= _UNSAFE:
                text = text.replace(password, _MASK)
    shown = _WORD.sub(lambda word: _without_password(word[0]), text)
    return _PASSWORD_SETTING.sub(rf"\1{_MASK}", shown)


def _without_password(word: str) -> str:
    """Return a word without the password of the address in it, if there is one."""
    before, slashes, address = word.partition("//")
    if not slashes:
        return word
    credentials, rest, secret = _parts(address)
    user, colon, _ = credentials.partition(":")
    return f"{before}//{user}{f':{_MASK}' if colon else ''}{rest}{_MASK if secret else ''}"


def _parts(address: str) -> tuple[str, str, str]:
    """Split an address, behind its scheme, into credentials, the rest, and what may be the value of a secret parameter.

    The rest begins with the @ that ends the credentials, and ends before that value.
    """
    secret = ""
    for match in _PARAMETER.finditer(address):
        if unquote(match[1]).lower() in _SECRET_PARAMETERS:
            address, secret = address[: match.end()], address[match.end() :]
            break
    credentials, at, place = address.rpartition("@")
    return credentials, at + place, secret


def _passwords(address: str) -> Iterator[str]:
    """Yield the passwords of an address, as written and as decoded, in each way that it may have been meant."""
    credentials, _, secret = _parts(address.partition("//")[2])
    for written in (credentials.partition(":")[2], secret, secret.partition("&")[0]):
        yield from filter(None, (written, unquote(written), unquote_plus(written)))
