"""The tutorial's API under a real server: SIGTERM while a request waits for the database ends both well."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
from project.test_tutorial import written_files


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def start_service(folder: Path, database: str, port: int) -> "subprocess.Popen[bytes]":
    (folder / "portfolio_api.py").write_text(written_files("service.md")["portfolio_api.py"], encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "--factory", "portfolio_api:create_app", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": database, "STRONGROOM_MIN_SIZE": "1"}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


async def answer_of(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Return the answer as soon as the server takes connections."""
    for _ in range(200):
        try:
            return await client.get(path)
        except httpx.ConnectError:
            await asyncio.sleep(0.05)
    message = "the server did not start"
    raise AssertionError(message)


async def test_a_request_that_waits_is_answered_before_the_service_ends(database: str, tmp_path: Path) -> None:
    """The request is answered, the process ends with 0, and no connection of it is left."""
    port = free_port()
    service = start_service(tmp_path, database, port)
    blocker = await asyncpg.connect(database)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            assert (await answer_of(client, "/readyz")).status_code == 200
            lock = blocker.transaction()
            await lock.start()
            await blocker.execute('LOCK TABLE public."user"')
            waiting = asyncio.create_task(client.get("/users/00000000-0000-7000-8000-000000000000/positions"))
            while not await blocker.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.02)
            service.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.2)
            await lock.rollback()
            assert (await waiting).status_code == 404
        assert await asyncio.to_thread(service.wait, 20) in (0, -signal.SIGTERM)  # uvicorn raises the signal again
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert await blocker.fetchval(others) == 0
        assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")
    finally:
        service.kill()
        service.wait()
        await blocker.close()
