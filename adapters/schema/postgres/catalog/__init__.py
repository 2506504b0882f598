"""PostgreSQL's catalog, read into the values of ``domain.schema.catalog``."""

from .reader import read_catalog, read_schemas

__all__ = ["read_catalog", "read_schemas"]
