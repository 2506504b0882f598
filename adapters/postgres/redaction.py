"""Addresses fit for messages and logs: whatever may be a password, or a part of one, is left out."""

import re
from typing import Final
from urllib.parse import unquote

HIDDEN: Final = "***"
NO_ADDRESS: Final = "an address that is not one (postgresql://user@host/database is expected)"
_SCHEMES: Final = frozenset({"postgresql", "postgres"})
_SHOWN_PARAMETERS: Final = frozenset(
    {
        *("host", "hostaddr", "port", "dbname", "database", "user"),
        *("sslmode", "connect_timeout", "target_session_attrs"),
        *("schema", "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout"),
    }
)
_NAME: Final = re.compile(r"[\w.%+-]*")
_HOST: Final = re.compile(r"(?:\[[\w:.%]*\]|[\w.%-]*)(?::\d*)?")
_VALUE: Final = re.compile(r"[\w./:,%+~-]*")


def redacted(url: str) -> str:
    """Return an address without its password: user, hosts, database and harmless parameters, if they are certain.

    A password that is not percent-encoded may hold any character. So nothing is shown if an @ could be part of one, and
    of the parameters nothing from the first on that is not known to be harmless.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        return NO_ADDRESS
    credentials, at, place = rest.rpartition("@")
    if {*credentials} & {*"/?#"}:
        return f"{scheme}://{HIDDEN}"
    place, fragment, _ = place.partition("#")
    path, question, query = place.partition("?")
    hosts, slash, database = path.partition("/")
    user = _certain(_NAME.fullmatch(credentials.partition(":")[0]))
    places = ",".join(_certain(_HOST.fullmatch(host)) for host in hosts.split(","))
    shown = f"{scheme}://{user}{at}{places}{slash}{_certain(_NAME.fullmatch(database))}"
    return f"{shown}{question}{_harmless(query)}{f'#{HIDDEN}' if fragment else ''}"


def _certain(part: re.Match[str] | None) -> str:
    return part[0] if part else HIDDEN


def _harmless(query: str) -> str:
    """Return the parameters up to the first that is not known to be harmless: what follows may be part of its value."""
    shown = []
    for parameter in query.split("&") if query else ():
        name, _, value = parameter.partition("=")
        if unquote(name).lower() not in _SHOWN_PARAMETERS or not _VALUE.fullmatch(value):
            shown.append(HIDDEN)
            break
        shown.append(parameter)
    return "&".join(shown)
