"""The work of ``strongroom schema``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import Factory, evolve, frozen

from strongroom.adapters.postgres.connection import connected
from strongroom.adapters.postgres.locks import MigrationBlocked, migration_locks
from strongroom.adapters.schema.check import CheckResult, check_contract, read_declarations
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.project import Project, open_project, read_baseline, write_baseline
from strongroom.adapters.schema.sources import (
    ScratchServer,
    compare_sources,
    read_migrated_schema,
    read_migrations,
    without_bookkeeping,
)
from strongroom.bootstrap.opening import server_addresses
from strongroom.bootstrap.settings import Settings
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.fingerprint import fingerprint
from strongroom.ports.errors import StorageUnavailable

LOCK_WAIT_TIMEOUT: Final = 10.0


@frozen
class CommandResult:
    """What a command has to say: lines for people, a document for machines, and whether something was found."""

    lines: tuple[str, ...]
    document: Any
    found: bool = False
    notes: tuple[str, ...] = Factory(tuple)


async def check_database(settings: Settings, place: Path, scratch_url: str | None, accept: str | None) -> CheckResult:
    """Check the database of the settings, under both migrators' locks."""
    project = open_project(place)
    found = await read_database_catalog(settings, project)
    with ScratchServer(scratch_url) as scratch:
        return await _check(project, found, scratch, accept)


async def check_replayed(place: Path, scratch_url: str | None, accept: str | None) -> CheckResult:
    """Check what the histories make of an empty database."""
    project = open_project(place)
    with ScratchServer(scratch_url) as scratch:
        migrations = read_migrations(project.contract, project.folder)
        found = await read_migrated_schema(scratch, migrations, project.contract.schemas)
        return await _check(project, found, scratch, accept)


async def compare_schemas(one: str, other: str, scratch_url: str | None) -> CommandResult:
    """Compare two sources."""
    with ScratchServer(scratch_url) as scratch:
        found = await compare_sources(one, other, scratch)
    document = [
        {
            "object": str(difference.target),
            "part": difference.part,
            "aspect": difference.aspect.value,
            "expected": difference.expected,
            "found": difference.found,
        }
        for difference in found
    ]
    lines = [str(difference) for difference in found] or ["No difference."]
    return CommandResult(tuple(lines), {"differences": document}, found=bool(found))


async def database_fingerprints(settings: Settings, place: Path) -> CommandResult:
    """Return the digest of what each side owns."""
    project = open_project(place)
    found = await read_database_catalog(settings, project)
    digests = {}
    for side in project.contract.sides:
        owned = frozenset(part for part in found.objects if project.contract.owner_of(part) == side.name)
        digests[side.name] = fingerprint(found.only(owned))
    return CommandResult(tuple(f"{name}  {digest}" for name, digest in digests.items()), {"fingerprints": digests})


async def generate_prisma(place: Path, scratch_url: str | None, *, only_check: bool) -> CommandResult:
    """Write the frontend's models of the others' tables, or say what would change."""
    from strongroom.adapters.schema.prisma.generate.files import generate_files, project_for_prisma

    project = open_project(place)
    with ScratchServer(scratch_url) as scratch:
        migrations = read_migrations(project.contract, project.folder)
        found = await read_migrated_schema(scratch, migrations, project.contract.schemas)
        found = await project_for_prisma(project, found, scratch)
    changed = []
    for path, text in generate_files(project, found).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        changed.append(str(path))
        if not only_check:
            path.write_text(text, encoding="utf-8")
    lines = [f"{'would change' if only_check else 'wrote'} {path}" for path in changed] or ["Everything is up to date."]
    return CommandResult(tuple(lines), {"changed": changed}, found=only_check and bool(changed))


async def _check(project: Project, found: Catalog, scratch: ScratchServer, accept: str | None) -> CheckResult:
    declared = await read_declarations(project.contract, project.folder, scratch)
    baseline = read_baseline(project.baseline_file)
    today = datetime.now(UTC).date()
    checked = check_contract(project.contract, found, declared, today=today, baseline=baseline)
    if accept is None or not checked.findings:
        return checked
    still = {finding.key: reason for finding, reason in checked.accepted if finding.key in baseline}
    write_baseline(project.baseline_file, {**still, **{finding.key: accept for finding in checked.findings}})
    accepted = (*checked.accepted, *((finding, accept) for finding in checked.findings))
    return evolve(checked, findings=(), accepted=accepted)


async def read_database_catalog(settings: Settings, project: Project) -> Catalog:
    """Return what the database of the settings holds, read under both migrators' locks."""
    async with (
        server_addresses(settings) as server,
        connected(server.session_url, timeout=settings.connect_timeout) as connection,
    ):
        try:
            # What is read under the locks is no half of a migration.
            async with migration_locks(connection, timeout=LOCK_WAIT_TIMEOUT):
                found = await read_catalog(connection, project.contract.schemas)
        except MigrationBlocked:
            message = f"a migration has been running for {LOCK_WAIT_TIMEOUT:.0f} seconds: check again when it is done"
            raise StorageUnavailable(message) from None
    return without_bookkeeping(found)
