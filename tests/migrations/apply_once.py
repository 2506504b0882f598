"""One service of many that start at once: apply the migrations, and say which ones this process applied."""

import asyncio
import sys
from pathlib import Path

from strongroom.adapters.postgres.migrator import Migrator


async def main(url: str, backend: str, frontend: str) -> None:
    """Migrate and print the names applied, one a line."""
    report = await Migrator(url, backend=Path(backend), frontend=Path(frontend)).migrate()
    for name, _ in report.applied:
        print(name)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
