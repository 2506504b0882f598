"""PostgreSQL's catalogue, read into the values of ``domain.schema.catalogue``."""

from .reader import read_catalogue, read_schemas

__all__ = ["read_catalogue", "read_schemas"]
