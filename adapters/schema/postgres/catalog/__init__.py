"""PostgreSQL's catalogue, read into the values of ``domain.schema.catalogue``."""

from .reader import read_catalog, read_schemas

__all__ = ["read_catalog", "read_schemas"]
