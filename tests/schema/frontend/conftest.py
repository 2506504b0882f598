"""The frontend's side: Node.js, and Prisma's own client, generated from our schema.prisma."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.schema.frontend import Client
from support.schema.prisma_engine import connection_of

from strongroom.adapters.embedded.lock_holders import folder_lock
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.ports.storage import Storage
from strongroom.testing.truncation import empty_tables

HERE = Path(__file__).parent
INSTALL_SECONDS = 600
ROOT = HERE.parents[2]
SCHEMA = ROOT / "migrations" / "prisma" / "schema.prisma"
CLIENTS = ROOT / "build" / "prisma-clients"
HAS_NODE = shutil.which("node") is not None and shutil.which("npm") is not None
OFFLINE = {"PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true", "CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1"}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests over Prisma's client out where there is no Node.js."""
    return True if collection_path.name.startswith("test_") and not HAS_NODE else None


def pytest_report_header() -> str:
    """Say whether the tests over Prisma's client are run."""
    return f"Prisma's client: {HERE if HAS_NODE else 'no Node.js, its tests are not collected'}"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Prisma as the lock file pins it, installed by the first worker that asks."""
    installed = HERE / "node_modules"
    with folder_lock(HERE, INSTALL_SECONDS):
        if not (installed / ".package-lock.json").is_file():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return installed


Generate = Callable[[Path], Path]
Start = Callable[[Path, str], Client]


@pytest.fixture(scope="session")
def generate(node_modules: Path) -> Generate:
    """Return the folder of the client that Prisma generates from a schema.prisma, which it finds valid.

    It is kept in the build folder, and generated anew for another text or another Prisma.
    """

    def client_of(schema: Path) -> Path:
        text = schema.read_text(encoding="utf-8")
        digest = hashlib.sha256((text + (HERE / "package-lock.json").read_text(encoding="utf-8")).encode()).hexdigest()
        folder = CLIENTS / digest[:16]
        folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder, INSTALL_SECONDS):
            if not (folder / "done").exists():
                run_prisma(folder, text)
                (folder / "done").touch()
        return folder / "generated"

    def run_prisma(folder: Path, text: str) -> None:
        if not (folder / "node_modules").is_symlink():
            (folder / "node_modules").symlink_to(node_modules)
        (folder / "schema.prisma").write_text(text.replace("../generated/prisma", str(folder / "generated")))
        config = folder / "prisma.config.ts"
        config.write_text(
            f'export default {{ schema: "{folder}/schema.prisma", datasource: {{ url: "postgresql://a/b" }} }};'
        )
        for command in ("validate", "generate"):
            done = subprocess.run(
                [node_modules / ".bin" / "prisma", command, "--config", config],
                cwd=folder,
                env={**os.environ, **OFFLINE},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr

    return client_of


@pytest.fixture(scope="session")
def generated(generate: Generate) -> Path:
    """The client of our schema.prisma."""
    return generate(SCHEMA)


@pytest.fixture(scope="session")
async def frontend_database(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """A migrated database that both sides share."""
    return await new_database(migrated_template)


@pytest.fixture(scope="session")
async def shared_storage(frontend_database: str) -> AsyncIterator[Storage]:
    """The backend's side."""
    settings = PostgresSettings(url=frontend_database, direct_url=frontend_database, min_size=1, max_size=2)
    async with await open_postgres(settings) as storage:
        yield storage


@pytest.fixture(scope="session")
async def emptying(frontend_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection that empties the database."""
    connection = await asyncpg.connect(frontend_database)
    yield connection
    await connection.close()


@pytest.fixture
async def storage(shared_storage: Storage, emptying: "asyncpg.Connection[Any]") -> Storage:
    """The backend's side, empty."""
    await empty_tables(emptying)
    return shared_storage


@pytest.fixture(scope="session")
def start(node_modules: Path) -> Iterator[Start]:
    """Start a generated client over a database; all are stopped after the session."""
    with ExitStack() as stack:

        def started(generated: Path, url: str) -> Client:
            address = {**connection_of(url), "max": 1}
            program = [node_modules / ".bin" / "tsx", HERE / "client.ts", generated, json.dumps(address)]
            process = subprocess.Popen(
                program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
            stack.enter_context(process)
            stack.callback(process.communicate)
            return Client(process)

        yield started


@pytest.fixture(scope="session")
def client(start: Start, generated: Path, frontend_database: str) -> Client:
    """The frontend's side: Prisma's client over the same database."""
    return start(generated, frontend_database)
