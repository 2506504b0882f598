"""A PostgreSQL 16 that listens on TCP and asks for a password (SCRAM), made of the embedded one's folder."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from strongroom.adapters.embedded import start_embedded
from strongroom.adapters.embedded.programs import program_folder

PASSWORD = "correct-horse-battery"


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@contextmanager
def tcp_server(folder: Path) -> Iterator[str]:
    """Run the server, and give its address with the right password."""
    with start_embedded(folder, fsync=False) as server:
        asyncio.run(_set_password(server.url("postgres")))
    hba = folder / "pg_hba.conf"
    hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    port = free_port()
    options = {"user": "pgserver"} if hasattr(os, "geteuid") and os.geteuid() == 0 else {}
    pg_ctl = [str(program_folder() / "pg_ctl"), "-w", "-D", str(folder), "-l", str(folder / "log")]
    arguments = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    subprocess.run([*pg_ctl, "-o", arguments, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/", **options)
    try:
        yield f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd="/", **options)


async def _set_password(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"SET password_encryption = 'scram-sha-256'; ALTER ROLE postgres PASSWORD '{PASSWORD}'")
    await connection.close()
