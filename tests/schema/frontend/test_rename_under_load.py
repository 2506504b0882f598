"""A column is renamed in steps while both sides write it all the time: no error, and no write is lost."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import pytest
from support.commands import invoke
from support.schema.frontend import Client
from typer.testing import CliRunner

from strongroom.adapters.postgres.migrator import Migrator

from .conftest import Generate, Start

ROOT: Final = Path(__file__).resolve().parents[3]
ROWS: Final = 20_000
SEED: Final = """
    INSERT INTO chain (id, family, name, native_symbol, finality_depth) VALUES (1, 'evm', 'One', 'ONE', 0);
    INSERT INTO coin (id, chain_id, address, standard, symbol, name, decimals)
        SELECT gen_random_uuid(), 1, '0x' || lpad(n::text, 40, '0'), 'erc20', 'untouched', 'N', 18
        FROM generate_series(1, {rows}) n
"""


class Access(Protocol):
    """How a side reads and writes the column: by one name, as it was deployed."""

    async def write(self, row: UUID, value: str) -> None:
        """Write one row."""

    async def read(self, row: UUID) -> str:
        """Return what one row has."""
        ...


class Backend:
    """The column through asyncpg."""

    def __init__(self, connection: "asyncpg.Connection[Any]", name: str) -> None:
        self.connection = connection
        self.name = name

    async def write(self, row: UUID, value: str) -> None:
        """Write one row."""
        assert (
            await self.connection.execute(f"UPDATE coin SET {self.name} = $2 WHERE id = $1", row, value) == "UPDATE 1"
        )

    async def read(self, row: UUID) -> str:
        """Read one row."""
        return str(await self.connection.fetchval(f"SELECT {self.name} FROM coin WHERE id = $1", row))


class Frontend:
    """The column through Prisma's client, generated for one name of it."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = name

    async def write(self, row: UUID, value: str) -> None:
        """Write one row."""
        await asyncio.to_thread(self.client.update, "coin", {"id": str(row)}, {self.name: value})

    async def read(self, row: UUID) -> str:
        """Read one row, with all its columns, as the client does."""
        found = await asyncio.to_thread(self.client.find, "coin", {"id": str(row)})
        assert found is not None
        return str(found[self.name])


class Side:
    """One side at work: it writes its own rows over and over, and keeps what it was told is written."""

    def __init__(self, access: Access, rows: list[UUID]) -> None:
        self.access = access
        self.rows = rows
        self.written: dict[UUID, int] = {}
        self.count = 0

    async def work(self, other: "Side", over: asyncio.Event) -> None:
        """Write, and find the other's newest write or a later one, until it is over."""
        while not over.is_set():
            row, access = self.rows[self.count % len(self.rows)], self.access
            await access.write(row, str(self.count))
            self.written[row] = self.count
            self.count += 1
            if other.written:
                seen, wanted = max(other.written.items(), key=lambda item: item[1])
                assert int(await self.access.read(seen)) >= wanted

    async def goes_on(self, writes: int = 30) -> None:
        """Wait until it has written some more."""
        wanted = self.count + writes
        async with asyncio.timeout(60):
            while self.count < wanted:
                await asyncio.sleep(0.005)


class Project:
    """A copy of the shipped project, whose backend declares nothing but its migrations."""

    def __init__(self, folder: Path, scratch: str) -> None:
        self.folder = folder
        self.scratch = scratch
        contract = (ROOT / "strongroom.toml").read_text(encoding="utf-8")
        (folder / "strongroom.toml").write_text(contract.replace('language = "strongroom"', 'language = "none"'))
        shutil.copytree(ROOT / "migrations", folder / "migrations")
        self.schema = folder / "migrations" / "prisma" / "schema.prisma"

    def migrator(self, url: str) -> Migrator:
        """Return what applies the project's histories."""
        migrations = self.folder / "migrations"
        return Migrator(url, backend=migrations / "pg", frontend=migrations / "prisma" / "migrations")

    async def run(self, *words: str) -> None:
        """Run a command of ``strongroom schema``."""
        options = ("--contract", str(self.folder), "--scratch", self.scratch)
        result = await asyncio.to_thread(invoke, CliRunner(), "schema", *words, *options)
        assert result.exit_code == 0, result.output

    async def move(self) -> None:
        """Have the frontend take the new name."""
        before, model, after = self.schema.read_text(encoding="utf-8").partition("model Coin {")
        own, end, rest = after.partition("\n}\n")
        self.schema.write_text(before + model + own.replace("symbol", "ticker") + end + rest)
        await self.run("prisma", "generate")


async def test_a_rename_under_load_breaks_nobody_and_loses_no_write(
    tmp_path: Path,
    postgres_url: str,
    new_database: Callable[..., Awaitable[str]],
    migrated_template: str,
    generate: Generate,
    generated: Path,
    start: Start,
) -> None:
    """The backend writes through asyncpg, the frontend through Prisma's client, each by the name that it was given."""
    project, url = Project(tmp_path, postgres_url), await new_database(migrated_template)
    migrator = project.migrator(url)
    connection, other = await asyncpg.connect(url), await asyncpg.connect(url)
    await other.execute(SEED.format(rows=ROWS))
    rows = [row for (row,) in await other.fetch("SELECT id FROM coin ORDER BY address LIMIT 200")]
    backend = Side(Backend(connection, "symbol"), rows[0::2])
    frontend = Side(Frontend(start(generated, url), "symbol"), rows[1::2])
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(backend.work(frontend, over))
        group.create_task(frontend.work(backend, over))
        await frontend.goes_on()
        await project.run("expand-contract", "rename", "coin.symbol", "ticker")
        assert len((await migrator.migrate()).applied) == 4
        assert await other.fetchval("SELECT count(*) FROM coin WHERE ticker IS DISTINCT FROM symbol") == 0
        await frontend.goes_on()
        backend.access = Backend(connection, "ticker")  # deployed with the new name; the frontend has the old one yet
        await backend.goes_on()
        await frontend.goes_on()
        await project.move()
        moved = await asyncio.to_thread(generate, project.schema)
        frontend.access = Frontend(await asyncio.to_thread(start, moved, url), "ticker")
        await frontend.goes_on()
        await project.run("expand-contract", "rename", "coin.symbol", "ticker", "--phase", "contract")
        assert len((await migrator.migrate()).applied) == 1
        await backend.goes_on()
        await frontend.goes_on()
        over.set()
    stored = dict(await other.fetch("SELECT id, ticker FROM coin"))
    written = backend.written | frontend.written
    assert {row: int(stored[row]) for row in written} == written
    assert sum(value == "untouched" for value in stored.values()) == ROWS - len(written)
    columns = await other.fetch(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = 'coin'::regclass AND attnum > 0"
    )
    names = {name for (name,) in columns}
    assert "ticker" in names
    assert "symbol" not in names
    await connection.close()
    await other.close()


async def test_a_rename_at_once_breaks_the_one_who_writes_by_the_old_name(
    new_database: Callable[..., Awaitable[str]], migrated_template: str
) -> None:
    """What the change in steps is for: the same writer fails as soon as the column is renamed at once."""
    url = await new_database(migrated_template)
    connection, other = await asyncpg.connect(url), await asyncpg.connect(url)
    await other.execute(SEED.format(rows=1))
    (row,) = await other.fetchrow("SELECT id FROM coin") or (None,)
    writer = Backend(connection, "symbol")
    await writer.write(row, "before")
    await other.execute("ALTER TABLE coin RENAME symbol TO ticker")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await writer.write(row, "after")
    await connection.close()
    await other.close()
