"""Follow the guide to tables of one's own, literally: write its files into an empty folder and run its commands.

CI runs it with the programs of an environment that holds only the wheel::

    python tests/project/follow_own_tables.py build/wheel-venv/bin build/guide

With ``--types`` it writes the files alone, with one more that says which types a type checker has to see.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.own_tables import FILES, GUIDE, guide_commands, guide_file, write_services

MIGRATION = "alerts/migrations/0001_price_alert.sql"
TYPES = """
from typing import assert_type
from uuid import UUID

from alerts.tables import MODEL, PriceAlert, PriceAlertRepository

from strongroom import Storage, Transaction, open_storage
from strongroom.ports.repositories.coin import CoinRepository


class AlertsStorage(Storage):
    price_alerts: PriceAlertRepository


async def check(storage: Storage, transaction: Transaction, key: UUID) -> None:
    assert_type(storage.repository(PriceAlertRepository), PriceAlertRepository)
    assert_type(transaction.repository(CoinRepository), CoinRepository)
    assert_type(await storage.repository(PriceAlertRepository).get(key), PriceAlert)
    assert_type(await storage.repository(PriceAlertRepository).find_by_user(key), list[PriceAlert])
    async with open_storage("memory:", model=MODEL) as opened:
        assert_type(opened, Storage)
    async with open_storage("memory:", model=MODEL, storage=AlertsStorage) as with_alerts:
        assert_type(with_alerts.price_alerts, PriceAlertRepository)
"""


def follow(folder: Path, programs: Path) -> list[str]:
    """Write the services, run every command but the installation, and return the commands. Raises AssertionError."""
    write_services(folder, without=frozenset({MIGRATION}))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    environment = {**inherited, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    commands = [command for command in guide_commands() if not command.startswith("pip ")]
    for command in commands:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert (folder / MIGRATION).read_text(encoding="utf-8") == guide_file(MIGRATION), f"{GUIDE.name} shows another file"
    return commands


if __name__ == "__main__":
    if sys.argv[1] == "--types":
        (write_services(Path(sys.argv[2])) / "typed.py").write_text(TYPES, encoding="utf-8")
    else:
        for command in follow(Path(sys.argv[2]), Path(sys.argv[1]).resolve()):
            print(command)
        print(f"{len(FILES)} files of {GUIDE.name} are as it says")
