"""SeaORM as a release build in a process of its own, with and without its ping of a connection before each use."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ..kept import FOLDER, Address
from ..platform_world import Sample
from .contender import CONNECTIONS, FIELDS, Contender, plain

CRATE: Final = Path(__file__).parent.parent / "seaorm"
TARGET: Final = FOLDER / "cargo-target"
PROGRAM: Final = TARGET / "release" / "strongroom-benchmarks-seaorm"


async def build() -> str | None:
    """Compile the program unless it is up to date, and return why there is none."""
    if shutil.which("cargo") is None:
        return "no cargo"
    if not PROGRAM.exists():
        print("compiling SeaORM: once, for some minutes")
    # Cargo writes its lock file beside the manifest, so it is given a copy.
    copy = FOLDER / "seaorm"
    shutil.copytree(CRATE, copy, dirs_exist_ok=True)
    command = ("cargo", "build", "--release", "--quiet", "--manifest-path", str(copy / "Cargo.toml"))
    environment = os.environ | {"CARGO_TARGET_DIR": str(TARGET)}
    compiling = await asyncio.create_subprocess_exec(
        *command, env=environment, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    _, said = await compiling.communicate()
    return None if compiling.returncode == 0 else f"cargo build failed: {said.decode()[-400:]}"


class SeaOrm(Contender):
    """SeaORM as it comes: each connection is pinged before it is used."""

    name = "SeaORM"
    ping = True

    async def open(self, address: Address, sample: Sample) -> None:
        self.works = dict.fromkeys((*FIELDS, "update", "create"), self._once)
        self._process = await asyncio.create_subprocess_exec(
            str(PROGRAM), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26
        )
        url = (
            f"postgres://{address.user}@localhost:{address.port}/{address.database}?host={quote(address.host, safe='')}"
        )
        opening = {"url": url, "ping": self.ping, "connections": CONNECTIONS, "sample": sample.document()}
        await self._ask(opening)

    async def close(self) -> None:
        self._process.stdin.close()
        await self._process.wait()

    async def seconds(self, work: str, calls: int, tasks: int, first: int) -> float:
        order = {"work": work, "first": first, "calls": calls, "tasks": tasks, "shown": False}
        return float((await self._ask(order))["seconds"])

    async def rows(self, work: str, number: int) -> list[dict[str, Any]]:
        answer = await self._ask({"work": work, "first": number, "calls": 1, "tasks": 1, "shown": True})
        return [{field: plain(field, row[field]) for field in FIELDS[work]} for row in answer["rows"]]

    async def _once(self, _number: int) -> None:
        raise NotImplementedError

    async def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            message = f"{self.name} ended with {await self._process.wait()}"
            raise ConnectionError(message)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            message = f"{self.name}: {answer['error']}"
            raise RuntimeError(message)
        return answer


class SeaOrmUnpinged(SeaOrm):
    """SeaORM without its ping."""

    name = "SeaORM, no ping"
    ping = False
