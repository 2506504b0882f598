"""One run: the server, the contenders, the works that were chosen, and what is said of them."""

import argparse
import importlib.util
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from strongroom.adapters.embedded import EmbeddedServer

from . import bulk, docs, files, growth, platform_world, report
from .contenders import seaorm
from .contenders.contender import Contender
from .contenders.driver import AttrsDriver, Driver, TunedDriver
from .contenders.ours import Strongroom
from .equality import READS, require_same_rows, require_same_writes
from .kept import FOLDER, Address, running_server
from .rounds import Measured, Numbers, measure
from .works import BY_NAME, SLOW, Work

NAMES: Final = (*BY_NAME, *bulk.WORKS, *files.WORKS, *growth.WORKS)
_INSTALLED: Final = {
    "psycopg 3": ("psycopg_three", "Psycopg"),
    "SQLAlchemy Core": ("sqlalchemy_both", "SqlalchemyCore"),
    "SQLAlchemy ORM": ("sqlalchemy_both", "SqlalchemyOrm"),
    "Tortoise": ("tortoise_orm", "TortoiseOrm"),
    "Piccolo": ("piccolo_orm", "PiccoloOrm"),
}


async def run(chosen: argparse.Namespace) -> None:
    """Measure the works that were chosen, print the figures and write them."""
    names = chosen.works or NAMES
    measured: list[Measured] = []
    grown: list[dict[str, Any]] = []
    async with running_server() as server:
        for world in dict.fromkeys(BY_NAME[name].world for name in names if name in BY_NAME):
            works = [BY_NAME[name] for name in names if name in BY_NAME and BY_NAME[name].world == world]
            measured += await _reads_and_writes(server, world, works, chosen)
        measured += await bulk.measure_all(server, [name for name in names if name in bulk.WORKS], chosen.seconds)
        measured += await files.measure_all(server, [name for name in names if name in files.WORKS], chosen.seconds)
        sizes = [size for size in growth.SIZES if size <= chosen.rows]
        for name in names:
            if name in growth.WORKS:
                grown += await growth.measure_growth(server, name, sizes, chosen.seconds)
    report.show(measured)
    growth.show(grown)
    document = report.document(measured, grown)
    path = docs.PAGE.with_suffix(".json") if chosen.docs else chosen.json or FOLDER / "results.json"
    report.write(path, document)
    print(f"figures: {path}")
    if chosen.docs:
        docs.update_page(path)
    if importlib.util.find_spec("matplotlib"):
        from .plot import draw

        drawn = chosen.plot or path.with_suffix(".svg")
        draw(path, drawn)
        print(f"plot: {drawn}")


async def _reads_and_writes(
    server: EmbeddedServer, world: str, works: Sequence[Work], chosen: argparse.Namespace
) -> list[Measured]:
    address = await _address(server, world)
    numbers = Numbers()
    measured = []
    connection = await asyncpg.connect(address.url)
    await platform_world.remove_writes(connection)
    try:
        async with _opened(address, chosen.only) as (contenders, missing):
            for work in works:
                able = [each for each in contenders if work.name in each.works]
                if work.name in READS:
                    await require_same_rows(able, work.name)
                else:
                    await require_same_writes(able, work.name, numbers, connection)
                for tasks, calls in work.calls.items():
                    if chosen.tasks not in (None, tasks):
                        continue
                    taking = [each for each in able if tasks not in work.fast_only_at or each.name not in SLOW]
                    out = {each.name: "has no such work" for each in contenders if each not in able}
                    out |= {each.name: "a turn takes too long" for each in able if each not in taking}
                    print(f"{work.title}, {tasks} task{'s' if tasks > 1 else ''}")
                    seconds = await measure(
                        taking, work.name, calls=calls, tasks=tasks, budget=chosen.seconds, numbers=numbers
                    )
                    measured.append(Measured(work.name, work.title, tasks, seconds, missing | out))
                if work.writes:
                    await platform_world.remove_writes(connection)
    finally:
        await platform_world.remove_writes(connection)
        await connection.close()
    return measured


async def _address(server: EmbeddedServer, world: str) -> Address:
    if world == "platform":
        return await platform_world.database(server)
    return await growth.database(server, int(world.removeprefix("prices_")))


@asynccontextmanager
async def _opened(
    address: Address, only: Sequence[str] | None
) -> AsyncIterator[tuple[list[Contender], dict[str, str]]]:
    """Give all contenders that can take part, opened, and say of the others why they cannot."""
    contenders: list[Contender] = [Strongroom(), Driver(), TunedDriver(), AttrsDriver()]
    missing: dict[str, str] = {}
    for name, (module, kind) in _INSTALLED.items():
        try:
            contenders.append(getattr(importlib.import_module(f".contenders.{module}", __package__), kind)())
        except ImportError as error:
            missing[name] = f"not installed ({error.name})"
    rust: list[Contender] = [seaorm.SeaOrm(), seaorm.SeaOrmUnpinged()]
    if only is None or any(each.name in only for each in rust):
        reason = await seaorm.build()
        contenders += [] if reason else rust
        missing |= {each.name: reason for each in rust if reason}
    if only is not None:
        contenders = [each for each in contenders if each.name in ("strongroom", *only)]
        missing = {}
    sample = platform_world.Sample.draw()
    opened: list[Contender] = []
    try:
        for contender in contenders:
            await contender.open(address, sample)
            opened.append(contender)
        yield opened, missing
    finally:
        for contender in reversed(opened):
            await contender.close()
