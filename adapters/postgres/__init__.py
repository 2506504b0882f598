"""PostgreSQL through asyncpg: the ports over a pool of connections."""

from .settings import PostgresSettings
from .storage import PostgresStorage, PostgresTransaction, open_postgres

__all__ = ["PostgresSettings", "PostgresStorage", "PostgresTransaction", "open_postgres"]
