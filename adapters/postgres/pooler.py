"""Telling whether a pooler stands between: by who answers, not by what it is called."""

from .connection import connected


async def is_behind_pooler(url: str, *, connect_timeout: float) -> bool:
    """Return whether a pooler answers at an address: the process that it tells of is not the server's.

    Every server tells the process of a connection as it begins, and a pooler cannot tell that of one that it has not
    chosen yet. Raises StorageUnavailable.
    """
    limits = {"timeout": connect_timeout, "command_timeout": connect_timeout}
    async with connected(url, through_pooler=True, **limits) as connection:
        process = await connection.fetchval("SELECT pg_catalog.pg_backend_pid()")
        return bool(process != connection.get_server_pid())
