"""Check a database, or what the histories make, against the contract and everything that the sides declare."""

from datetime import date
from typing import Any

from attrs import evolve

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import CheckResult, check_contract

from .world import CatalogReader, Coordination, M


async def check(
    project: Coordination[Any], database: CatalogReader, *, today: date, accept: str | None = None
) -> CheckResult:
    """Check a database; with ``accept`` all that is found is accepted for that reason, and kept.

    Raises what reading the database and the declarations raises.
    """
    found = await database.read_catalog(project.contract.schemas)
    return await check_catalog(project, found, today=today, accept=accept)


async def replay(project: Coordination[M], *, today: date, accept: str | None = None) -> CheckResult:
    """Apply all histories to an empty database, and check what they make as ``check`` does. Raises ReplayFailed."""
    found = await project.scratch.replay(project.history.read_migrations(), project.contract.schemas)
    return await check_catalog(project, found, today=today, accept=accept)


async def check_catalog(
    project: Coordination[Any], found: Catalog, *, today: date, accept: str | None = None
) -> CheckResult:
    """Check a catalog that has been read already."""
    declared = await project.declared.read_declarations()
    baseline = project.accepted.read()
    checked = check_contract(
        project.contract, found, declared, today=today, baseline=baseline, write_fix=project.write_fix
    )
    if accept is None or not checked.findings:
        return checked
    still = {finding.key: reason for finding, reason in checked.accepted if finding.key in baseline}
    project.accepted.write({**still, **{finding.key: accept for finding in checked.findings}})
    accepted = (*checked.accepted, *((finding, accept) for finding in checked.findings))
    return evolve(checked, findings=(), accepted=accepted)
