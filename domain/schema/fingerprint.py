"""A digest of what a side owns in a database, the same wherever the schema is the same."""

from hashlib import sha256

from .catalog import Catalog


def fingerprint(catalog: Catalog) -> str:
    """Return a digest of a catalog, 64 hex digits.

    The order of columns, comments, owners, grants, partitions and statistics do not change it; everything that
    ``compare`` names does.
    """
    return sha256(repr(catalog.bare()).encode()).hexdigest()
