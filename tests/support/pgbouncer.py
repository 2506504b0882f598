"""PgBouncer as Debian packages it, before a server, in transaction mode."""

import asyncio
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .tcp_server import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@asynccontextmanager
async def pgbouncer(url: str, *options: str) -> AsyncIterator[str]:
    """Run PgBouncer with default_pool_size 3 and some more options, and give the database's address through it."""
    assert PROGRAM is not None
    parts, port = urlsplit(url), free_port()
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    password = f" password={parts.password}" if parts.password else ""
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n* = host={host} port={parts.port or 5432} user={parts.username}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = 3\nlogfile = {folder}/log\n" + "\n".join(options)
    )
    user = None
    if os.geteuid() == 0:  # PgBouncer refuses to run as root, and the socket's folder is its server's
        user = Path(host).stat().st_uid if str(host).startswith("/") else pwd.getpwnam("nobody").pw_uid
        for path in (folder, configuration):
            os.chown(path, user, -1)
    process = await asyncio.create_subprocess_exec(PROGRAM, "-q", str(configuration), user=user)
    try:
        await _answers(port, process)
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"
    finally:
        process.kill()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(10):
        while True:
            assert process.returncode is None, "PgBouncer ended"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
