"""Imports and exports beside COPY of ready text: the same resulting rows into the same tables, or out of them."""

import io
import shutil
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

import asyncpg

from strongroom import Storage, open_storage
from strongroom.adapters.embedded import EmbeddedServer
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.sources import (
    Format,
    export_entity,
    import_entity_file,
    import_ethereum_etl,
    import_prices,
)

from . import bulk
from .contenders.contender import Contender
from .input_files import BLOCKS, PRICES, TRANSACTIONS, write_files
from .kept import FOLDER, Address
from .platform_world import Sample
from .rounds import OURS, Measured, Numbers, measure

INPUT: Final = FOLDER / "files"
OUTPUT: Final = FOLDER / "exported"
COPY: Final = "COPY of ready text"
WORKS: Final = {
    "import-prices-jsonl": f"import prices, {PRICES:,} lines of JSON",
    "import-prices-csv": f"import prices, {PRICES:,} lines of CSV",
    "import-jsonl": f"import jsonl, {PRICES:,} prices",
    "import-csv": f"import csv, {PRICES:,} prices",
    "import-etl": f"import ethereum-etl, {BLOCKS * TRANSACTIONS:,} transactions with a transfer each",
    "export-jsonl": f"export of {PRICES:,} prices as JSON Lines",
    "export-csv": f"export of {PRICES:,} prices as CSV",
}
EXPORTED: Final = "SELECT * FROM price ORDER BY coin_id, at, source"
Texts = dict[str, bytes]
"""The rows of tables as COPY writes them."""


def _jobs() -> dict[str, Callable[[Storage], Awaitable[Any]]]:
    """Return what each import calls."""
    return {
        "import-prices-jsonl": lambda storage: import_prices(storage, INPUT / "prices.jsonl", chain_id=1),
        "import-prices-csv": lambda storage: import_prices(storage, INPUT / "prices.csv", chain_id=1),
        "import-jsonl": lambda storage: import_entity_file(storage, "Price", INPUT / "entities.jsonl", Format.JSONL),
        "import-csv": lambda storage: import_entity_file(storage, "Price", INPUT / "entities.csv", Format.CSV),
        "import-etl": lambda storage: import_ethereum_etl(storage, [INPUT / "etl"]),
    }


class _Files(Contender):
    """What both sides share: the tables hold what a work starts from."""

    start: Texts
    added: Texts

    async def open(self, address: Address, sample: Sample) -> None:
        del sample
        self._connection = await asyncpg.connect(address.url)
        self._stack = AsyncExitStack()
        OUTPUT.mkdir(parents=True, exist_ok=True)

    async def close(self) -> None:
        await self._stack.aclose()
        await self._connection.close()

    async def prepare(self, work: str) -> None:
        if work.startswith("import"):
            await restore(self._connection, self.start)
        await self._connection.execute("CHECKPOINT")


class _Ours(_Files):
    """strongroom's imports and exports."""

    name = OURS

    async def open(self, address: Address, sample: Sample) -> None:
        await super().open(address, sample)
        opening = open_storage(address.url, apply_migrations=False, schema_check="off", statement_timeout=0)
        self.storage = await self._stack.enter_async_context(opening)
        self.works = {name: partial(self._import, job) for name, job in _jobs().items()}
        self.works["export-jsonl"] = partial(self._export, Format.JSONL)
        self.works["export-csv"] = partial(self._export, Format.CSV)

    async def _import(self, job: Callable[[Storage], Awaitable[Any]], _number: int) -> None:
        await job(self.storage)

    async def _export(self, how: Format, _number: int) -> None:
        with (OUTPUT / f"price.{how.value}").open("wb") as file:
            await export_entity(self.storage, PLATFORM.table_named("price"), file, how)


class _Copy(_Files):
    """asyncpg's ``copy_to_table`` of the text of the resulting rows, and ``copy_from_query`` to text."""

    name = COPY

    async def open(self, address: Address, sample: Sample) -> None:
        await super().open(address, sample)
        self.works = {name: self._import if name.startswith("import") else self._export for name in WORKS}

    async def _import(self, _number: int) -> None:
        async with self._connection.transaction():
            await load(self._connection, self.added)

    async def _export(self, _number: int) -> None:
        await self._connection.copy_from_query(EXPORTED, output=OUTPUT / "price.text")


async def measure_all(server: EmbeddedServer, works: Sequence[str], budget: float) -> list[Measured]:
    """Measure imports and exports beside COPY."""
    if not works:
        return []
    write_files(INPUT)
    address = await bulk.database(server)
    ours, copy = _Ours(), _Copy()
    for contender in (ours, copy):
        await contender.open(address, Sample.draw())
    measured = []
    connection = await asyncpg.connect(address.url)
    try:
        await connection.execute("TRUNCATE price")
        coins = await texts(connection)
        for work in works:
            ours.start = copy.start = {} if work == "import-etl" else coins
            job = _jobs().get(work, _jobs()["import-jsonl"])
            await restore(connection, ours.start)
            await job(ours.storage)
            result = await texts(connection)
            copy.added = _added(ours.start, result)
            await _require_same(copy, connection, work, result)
            if work.startswith("export"):
                await restore(connection, result)
                await connection.execute("VACUUM ANALYZE price")
            print(WORKS[work])
            seconds = await measure([ours, copy], work, calls=1, tasks=1, budget=budget, numbers=Numbers(), warm=True)
            measured.append(Measured(work, WORKS[work], 1, seconds))
        await restore(connection, coins)
    finally:
        await connection.close()
        for contender in (ours, copy):
            await contender.close()
        shutil.rmtree(OUTPUT, ignore_errors=True)
    return measured


async def texts(connection: "asyncpg.Connection[Any]") -> Texts:
    """Return the text of all tables that hold rows, in an order in which they may be loaded."""
    found: Texts = {}
    for table in PLATFORM.tables:
        output = io.BytesIO()
        await connection.copy_from_query(
            f'SELECT * FROM "{table.name}" ORDER BY {", ".join(_key(table))}', output=output
        )
        if output.getbuffer().nbytes:
            found[table.name] = output.getvalue()
    return found


async def restore(connection: "asyncpg.Connection[Any]", held: Texts) -> None:
    """Empty all tables, and load those that are given."""
    names = ", ".join(f'"{table.name}"' for table in PLATFORM.tables)
    await connection.execute(f"TRUNCATE {names}")
    await load(connection, held)


async def load(connection: "asyncpg.Connection[Any]", held: Texts) -> None:
    """Load the text of tables by COPY."""
    for name, text in held.items():
        await connection.copy_to_table(name, source=io.BytesIO(text))


def _key(table: Any) -> list[str]:
    return [f'"{name}"' for name in table.key]


def _added(start: Texts, result: Texts) -> Texts:
    """Return the rows that an import added, as lines of COPY's text."""
    added = {}
    for name, text in result.items():
        known = set(start.get(name, b"").splitlines(keepends=True))
        lines = text if not known else b"".join(line for line in text.splitlines(keepends=True) if line not in known)
        if lines:
            added[name] = lines
    return added


async def _require_same(copy: _Copy, connection: "asyncpg.Connection[Any]", work: str, result: Texts) -> None:
    """Raise unless loading the text leaves the rows that the import left."""
    if not work.startswith("import"):
        return
    await copy.prepare(work)
    await copy.seconds(work, 1, 1, 0)
    found = await texts(connection)
    if found != result:
        differing = [name for name in found.keys() | result.keys() if found.get(name) != result.get(name)]
        message = f"{work}: COPY leaves other rows than the import in {', '.join(differing)}"
        raise AssertionError(message)
