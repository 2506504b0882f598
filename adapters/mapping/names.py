"""The schema that our tables and types live in, and their names as statements write them."""

from typing import Final

OWN_SCHEMA: Final = "public"
"""Where both histories create, and where Prisma looks by default; an address that names another one is refused."""


def own_name(name: str) -> str:
    """Return a table or type of ours as SQL, with its schema: a bare name means whatever the search path finds."""
    return f'"{OWN_SCHEMA}"."{name}"'
