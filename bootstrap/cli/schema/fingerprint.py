"""``strongroom schema fingerprint``: its options, its use case, and how digests are printed."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from strongroom.bootstrap.cli.options import Database, Debug, Json

from .options import ContractOption, Rendering, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings


def fingerprint(
    *, contract: ContractOption = Path(), database: Database = None, json: Json = False, debug: Debug = False
) -> None:
    """Give a digest of what each side owns in a database: the same wherever the schema is the same.

    [bold]Examples[/]

      strongroom schema fingerprint --database postgresql://me@localhost/platform
    """

    async def use_case(settings: "Settings") -> dict[str, str]:
        from strongroom.adapters.schema.project import open_project
        from strongroom.ports.schema.fingerprint import fingerprints

        from .database import configured_database

        project = open_project(contract)
        async with configured_database(settings) as found:
            return await fingerprints(project.contract, found)

    run_command(use_case, _render, database, json=json, debug=debug)


def _render(digests: Mapping[str, str]) -> Rendering:
    return Rendering([f"{name}  {digest}" for name, digest in digests.items()], {"fingerprints": dict(digests)})
