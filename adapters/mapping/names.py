"""The schema that our tables and types live in, and their names as statements write them."""

import re
from typing import Final

from strongroom.adapters.quoting import quote_identifier

OWN_SCHEMA: Final = "public"
"""Where both histories create, and where Prisma looks by default; an address that names another one is refused."""
KEEP_VERSIONS: Final = "strongroom.keep_versions"
"""The setting under which an update that leaves a version alone does not raise it: for what fills new columns."""
_WORD_START: Final = re.compile(r"(?<!^)(?=[A-Z][a-z0-9]|(?<=[a-z0-9])[A-Z])")


def own_name(name: str) -> str:
    """Return a table or type of ours as SQL, with its schema: a bare name means whatever the search path finds."""
    return quote_identifier(OWN_SCHEMA, name)


def snake_case(name: str) -> str:
    """Return the name of a class as names of tables and types are written: ``price_alert`` for PriceAlert."""
    return _WORD_START.sub("_", name).lower()
