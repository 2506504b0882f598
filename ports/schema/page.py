"""Collect everything that the page of a schema tells: histories, declarations, and what a check of them finds."""

from collections.abc import Callable, Mapping
from datetime import date

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.page import Areas, Name, Page, TableStep, make_page

from .check import check_catalog
from .errors import ReplayFailed
from .world import CatalogReader, Coordination, M


async def read_page(
    project: Coordination[M],
    database: CatalogReader | None,
    *,
    today: date,
    areas: Callable[[Contract, Catalog], Areas],
) -> Page:
    """Return the page of a database, or of what the histories make if there is none.

    A database is described even if the histories cannot be replayed: the page then says why it names no migration.
    Raises ReplayFailed without a database, and what reading the project raises.
    """
    contract = project.contract
    found = None if database is None else await database.read_catalog(contract.schemas)
    migrations = project.history.read_migrations()
    steps: Mapping[Name, tuple[TableStep, ...]] = {}
    problem = None
    try:
        made, steps = await project.scratch.replay_steps(migrations, contract.schemas)
    except ReplayFailed as error:
        if found is None:
            raise
        made, problem = found, str(error)
    shown = made if found is None else found
    return make_page(
        contract,
        shown,
        await check_catalog(project, shown, today=today),
        source="the histories of all sides, applied to an empty database" if found is None else "a database",
        areas=areas(contract, shown),
        steps=steps,
        migrations=[migration.label for migration in migrations],
        history_problem=problem,
    )
