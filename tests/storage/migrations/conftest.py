"""What the migrator's tests start from: two migration files, and a connection to a database of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.migration_files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Two migrations, one of each history."""
    made = Files(tmp_path)
    made.theirs("1_users", "CREATE TABLE users (id int PRIMARY KEY);")
    made.ours("0001_positions", "-- requires: prisma/1_users\nCREATE TABLE positions (id int REFERENCES users);")
    return made


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to the test's own database."""
    opened = await asyncpg.connect(empty_database)
    yield opened
    await opened.close()
