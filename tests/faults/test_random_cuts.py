"""Connections are cut at any byte: what was acknowledged is kept, nothing is half done, and errors tell the truth."""

import asyncio
from collections import Counter
from random import Random
from typing import Any
from uuid import UUID

import pytest
from support.proxy import Proxy

from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.ports.errors import StorageError
from strongroom.ports.repositories.user import CreateUser

CUTS, CUTS_LONG = 12, 2000
MOST_BYTES = 800
"""A little more than passes in one transaction that writes twice, once its statements are prepared."""


async def write_two(storage: PostgresStorage, made: list[UUID]) -> None:
    """Write two rows in a transaction, and note their keys."""
    async with storage.transaction() as transaction:
        users = [await transaction.users.create(CreateUser()) for _ in range(2)]
        made += [user.id for user in users]


async def test_a_cut_at_any_byte_loses_nothing_and_tells_the_truth(database: str, pytestconfig: pytest.Config) -> None:
    """Acknowledged: kept. ``applied`` no: nothing is kept. Unknown: all or nothing, and ``committed`` says which."""
    is_long = pytestconfig.getoption("--long")
    choose, told = Random(None if is_long else 5), Counter[str]()
    async with (
        Proxy(database) as proxy,
        await open_postgres(PostgresSettings(url=proxy.url, min_size=0, max_size=1, statement_timeout=5)) as storage,
        await open_postgres(PostgresSettings(url=database, min_size=1, max_size=1)) as direct,
    ):
        for _ in range(CUTS_LONG if is_long else CUTS):
            await write_two(storage, [])
            proxy.bytes_left = choose.randrange(MOST_BYTES)
            made: list[UUID] = []
            error: Any = None
            try:
                async with asyncio.timeout(10):
                    await write_two(storage, made)
            except StorageError as raised:
                error = raised
            proxy.bytes_left = None
            kept = [await direct.users.exists(key) for key in made]
            assert len(set(kept)) <= 1, "half of a transaction was kept"
            is_kept = bool(made) and kept[0]
            if error is None:
                assert is_kept
                told["acknowledged"] += 1
            elif error.applied == "no":
                assert not is_kept
                told["not applied"] += 1
            else:
                assert error.applied == "unknown"
                assert await storage.committed(error) is is_kept
                told["unknown, " + ("committed" if is_kept else "not committed")] += 1
    assert set(told) >= {"acknowledged", "not applied"}
    print(dict(told))
