"""Addresses of databases: which kinds there are, and what in them is meant for Prisma alone."""

from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

MEMORY: Final = "memory:"
EMBEDDED: Final = "embedded:"
_PRISMA_PARAMETERS: Final = frozenset({"schema", "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout"})


def is_postgres(address: str) -> bool:
    """Return whether an address names a PostgreSQL server."""
    return not address.startswith((MEMORY, EMBEDDED))


def database_url_error(address: str) -> str | None:
    """Return what is wrong with an address, or None; the address itself is not repeated: it may hold a password."""
    if not is_postgres(address):
        return "memory: takes nothing after it" if address.startswith(MEMORY) and address != MEMORY else None
    try:
        parts = urlsplit(address)
        for place in parts.netloc.rpartition("@")[2].split(","):
            _port = urlsplit(f"//{place}").port
    except ValueError:
        return "is not a well-formed address: is a character of the password not percent-encoded?"
    if parts.scheme not in {"postgresql", "postgres"}:
        return (
            "is no address of a database: postgresql://user:***@host:5432/database, "
            "embedded:, embedded:/folder and memory: are"
        )
    if parts.fragment or "@" in parts.path or ("@" in parts.query and not parts.path):
        return "has a # or @ where none can be: is a character of the password not percent-encoded?"
    schema = dict(parse_qsl(parts.query)).get("schema", "public")
    # The schema is not repeated: an & in a password that is not percent-encoded makes one of what follows.
    return None if schema == "public" else "names another schema: strongroom's tables are in the schema public"


def is_behind_pgbouncer(address: str) -> bool:
    """Return whether an address tells Prisma to expect PgBouncer."""
    return is_postgres(address) and ("pgbouncer", "true") in parse_qsl(urlsplit(address).query)


def without_prisma_parameters(address: str) -> str:
    """Return an address without what only Prisma understands, so that frontend and backend may share one variable."""
    if not is_postgres(address):
        return address
    parts = urlsplit(address)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in given if key not in _PRISMA_PARAMETERS]
    if kept == given:
        return address
    return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote), netloc=parts.netloc or "@"))
