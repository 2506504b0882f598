"""Reads everything that the page tells: the histories, the declarations, and what a check of them finds."""

from datetime import date

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.check import check_contract, read_declarations
from strongroom.adapters.schema.postgres.replay import ReplayFailed
from strongroom.adapters.schema.project import Project, read_baseline
from strongroom.adapters.schema.sources import ScratchServer, read_migrations, without_bookkeeping
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.contract import Contract, Language

from .history import replay_history
from .model import Areas, Name, Page, TableStep, areas_by_name, make_page


async def read_page(project: Project, scratch: ScratchServer, found: Catalog | None, *, today: date) -> Page:
    """Return the page of a database's catalog, or of what the histories make where that is None.

    A database is told even where the histories cannot be replayed: the page then says why it names no migration. Raises
    ReplayFailed without a database, and what reading the project raises.
    """
    contract = project.contract
    migrations = read_migrations(contract, project.folder)
    steps: dict[Name, tuple[TableStep, ...]] = {}
    problem = None
    try:
        made, steps = await replay_history(scratch, migrations, contract.schemas)
    except ReplayFailed as error:
        if found is None:
            raise
        made, problem = found, str(error)
    told = without_bookkeeping(made if found is None else found)
    declared = await read_declarations(contract, project.folder, scratch)
    return make_page(
        contract,
        told,
        check_contract(contract, told, declared, today=today, baseline=read_baseline(project.baseline_file)),
        source="the histories of all sides, applied to an empty database" if found is None else "a database",
        areas=areas_of(contract, told),
        steps=steps,
        migrations=[migration.label for migration in migrations],
        history_problem=problem,
    )


def areas_of(contract: Contract, found: Catalog) -> Areas:
    """Return the tables' areas: the domain's folders where a side's code is the entities, else those of the names."""
    side = next((side for side in contract.sides if side.language is Language.STRONGROOM), None)
    if side is None:
        return areas_by_name(found)
    return {(side.schemas[0], table.name): table.entity.__module__.split(".")[2] for table in PLATFORM.entities}
