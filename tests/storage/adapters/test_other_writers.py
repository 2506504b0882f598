"""docs/other-writers.md: its SQL runs as it stands, and what it leaves is what strongroom itself would have left."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.ports.change_feed import MessageAdded, PositionValued

PAGE = (Path(__file__).parents[3] / "docs" / "other-writers.md").read_text()
AT = datetime(2026, 2, 1, 8, 0, 0, 123456, tzinfo=UTC)


def blocks() -> Iterator[str]:
    """Yield the page's blocks of SQL, those of the tables before those that need their rows."""
    found = [re.sub(r"(?m)^  ", "", block) for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)]
    rules = [block for block in found if re.search(r"\bgoal SET\b", block)]
    yield from (block for block in found if block not in rules)
    yield from rules


async def test_the_sql_runs_and_strongroom_reads_what_it_leaves(database: str) -> None:
    """Every table has a row that can be read; values, versions, messages and announcements are as strongroom's own."""
    connection = await asyncpg.connect(database)
    settings = PostgresSettings(url=database, min_size=1, max_size=2)
    async with (
        await open_postgres(settings) as storage,
        storage.changes.subscribe(MessageAdded, PositionValued) as changes,
    ):
        for block in blocks():
            async with connection.transaction():
                await connection.execute(block)
        for table in PLATFORM.tables:
            assert await getattr(storage, table.repository).find(), table.name
        [position] = await storage.positions.find()
        assert (position.value_usd, position.valued_at, position.version) == (Decimal("1234.5"), AT, 3)
        assert (position.shares, position.cost_basis_usd) == (500, 1000)
        assert (await storage.positions.update(position)).version == 4
        [goal] = await storage.goals.find()
        assert (goal.name, goal.version) == ("A house", 2)
        [chat] = await storage.chats.find()
        [message] = await storage.messages.find()
        assert chat.last_message_at == message.created_at == AT
        told = [await anext(changes), await anext(changes)]
        assert told == [PositionValued(position.id, AT), MessageAdded(chat.id, message.id)]
    await connection.close()


@pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)
def test_the_page_tells_of_every_table(table) -> None:
    """No table is left out, and those with versions are named together."""
    assert re.search(rf'INSERT INTO "?{table.name}"? ', PAGE)
    if table.versioned:
        [sentence] = re.findall(r"  (`user`.*?) have versions", PAGE, re.DOTALL)
        assert f"`{table.name}`" in sentence
