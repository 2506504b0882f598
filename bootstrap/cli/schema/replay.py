"""``strongroom schema replay``: its options and its use case; it is printed as a check is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from strongroom.bootstrap.cli.models import ModelName, model_for
from strongroom.bootstrap.cli.options import Debug, Json

from .check import Accept, Form, renderer
from .options import ContractOption, ScratchUrl, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.check import CheckResult


def replay(  # noqa: PLR0913 - one parameter an option
    *,
    contract: ContractOption = Path(),
    accept: Accept = None,
    form: Form = "text",
    scratch: ScratchUrl = None,
    model: ModelName = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Apply all histories from nothing to a scratch database, in their computed order, and check what they make.

    [bold]Examples[/]

      strongroom schema replay
      strongroom schema replay --scratch postgresql://me@localhost/postgres
    """
    tables = model_for(model, as_json=json, debug=debug)

    async def use_case(_settings: "Settings") -> "CheckResult":
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.ports.schema import check as checking

        project = open_project(contract)
        with ScratchServer(scratch) as server:
            today = datetime.now(UTC).date()
            return await checking.replay(coordinate(project, server, tables), today=today, accept=accept)

    run_command(use_case, renderer(form), None, json=json, debug=debug)
