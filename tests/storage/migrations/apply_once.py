"""One service of many that start at once: apply the migrations, and say which ones this process applied, and when."""

import asyncio
import sys
import time
from pathlib import Path

from strongroom.adapters.postgres.migrator import Migrator


async def main(url: str, backend: str, frontend: str) -> None:
    """Migrate; print the times of beginning and end, and the names applied."""
    begun = time.time()
    report = await Migrator(url, backend=Path(backend), frontend=Path(frontend)).migrate()
    print(begun, time.time(), *(name for name, _ in report.applied))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
