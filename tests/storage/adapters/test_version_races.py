"""Writers by plain SQL beside strongroom on the same rows: each update of ours holds, or is told by StaleVersion."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
from attrs import evolve

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.domain.accounts.goal import Goal
from strongroom.ports.errors import StaleVersion
from strongroom.testing.factory import World

ROUNDS = 12
JOURNAL = """
    CREATE TABLE journal (id uuid, before integer, after integer, name text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO public.journal VALUES (NEW.id, OLD.version, NEW.version, NEW.name);
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER noted AFTER UPDATE ON goal FOR EACH ROW EXECUTE FUNCTION note();
"""
"""Keeps every update in the transaction that makes it."""


async def test_none_of_our_updates_overwrites_unsaid(database: str) -> None:
    """Eight writers, half without versions, half writing a whole old row back, and eight of ours: all are counted."""
    async with await open_postgres(PostgresSettings(url=database, min_size=8, max_size=8)) as storage:
        goals = await World(storage).several(Goal, 3)
        foreign = [await asyncpg.connect(database) for _ in range(8)]
        await foreign[0].execute(JOURNAL)
        held: list[tuple[UUID, int, int, str]] = []
        told: list[str] = []

        async def ours(number: int) -> None:
            chosen = random.Random(number)
            for attempt in range(ROUNDS):
                goal = await storage.goals.get(chosen.choice(goals).id)
                await asyncio.sleep(chosen.random() / 500)
                name = f"ours {number} {attempt}"
                try:
                    stored = await storage.goals.update(evolve(goal, name=name))
                except StaleVersion:
                    told.append(name)
                else:
                    held.append((goal.id, goal.version, stored.version, name))

        async def without_version(connection: Any, number: int) -> None:
            chosen = random.Random(number)
            for attempt in range(ROUNDS):
                blind = f"UPDATE goal SET name = 'blind {number} {attempt}' WHERE id = $1"
                await connection.execute(blind, chosen.choice(goals).id)
                await asyncio.sleep(chosen.random() / 500)

        async def whole_row(connection: Any, number: int) -> None:
            chosen = random.Random(number)
            for attempt in range(ROUNDS):
                row = await connection.fetchrow("SELECT * FROM goal WHERE id = $1", chosen.choice(goals).id)
                await asyncio.sleep(chosen.random() / 500)
                sets = f"name = 'old row {number} {attempt}', status = $2, updated_at = $3, version = $4"
                given = (row["id"], row["status"], row["updated_at"], row["version"])
                await connection.execute(f"UPDATE goal SET {sets} WHERE id = $1", *given)

        kinds: list[Callable[..., Awaitable[None]]] = [*[without_version] * 4, *[whole_row] * 4]
        await asyncio.gather(
            *(ours(number) for number in range(8)),
            *(
                kind(connection, 8 + number)
                for number, (kind, connection) in enumerate(zip(kinds, foreign, strict=True))
            ),
        )
        journal = await foreign[0].fetch("SELECT id, before, after, name FROM journal")
        for connection in foreign:
            await connection.close()
    assert [tuple(row) for row in journal if row["after"] != row["before"] + 1] == []
    assert len(journal) == len(held) + 8 * ROUNDS
    assert set(held) <= {tuple(row) for row in journal}
    assert len(held) + len(told) == 8 * ROUNDS
    assert told
