"""Which migrations a database has applied, by both migrators' own records, and which are looked at."""

from collections.abc import Sequence

from attrs import frozen

from strongroom.adapters.postgres.connection import connected
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.migrator.history import TABLES
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.contract import Contract
from strongroom.ports.schema.errors import SourceInvalid

_NAMES = {
    TABLES[Side.FRONTEND]: (
        f"SELECT migration_name FROM {TABLES[Side.FRONTEND]} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL"
    ),
    TABLES[Side.BACKEND]: f"SELECT name FROM {TABLES[Side.BACKEND]}",
}


@frozen
class AppliedSchema:
    """The catalog of a database, and the names of the migrations that created it."""

    catalog: Catalog
    names: frozenset[str]


async def read_applied_schema(url: str, contract: Contract, *, connect_timeout: float) -> AppliedSchema:
    """Return what a database holds, and what it has applied. Raises StorageUnavailable."""
    async with connected(url, timeout=connect_timeout) as connection:
        names = set()
        for table, query in _NAMES.items():
            if await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table):
                names |= {name for (name,) in await connection.fetch(query)}
        return AppliedSchema(await read_catalog(connection, contract.schemas), frozenset(names))


def split_pending(
    ordered: Sequence[Migration], names: Sequence[str], live: AppliedSchema | None
) -> tuple[list[Migration], list[Migration]]:
    """Split migrations into those before the selection and the selection: the named migrations, else the pending ones.

    A name may leave out its history, and the words after its number. Raises SourceInvalid for an unknown name.
    """
    if not names:
        applied = live.names if live else frozenset()
        pending = [migration for migration in ordered if migration.name not in applied]
    else:
        pending = [_find_migration(ordered, name) for name in names]
        pending.sort(key=ordered.index)
    if not pending:
        return list(ordered), []
    first = ordered.index(pending[0])
    between = [migration for migration in ordered[first : ordered.index(pending[-1]) + 1] if migration not in pending]
    return [*ordered[:first], *between], pending


def _find_migration(ordered: Sequence[Migration], name: str) -> Migration:
    found = [one for one in ordered if name in (one.label, one.name) or one.label.startswith(f"{name}_")]
    found = found or [one for one in ordered if one.name.startswith(f"{name}_")]
    if len(found) == 1:
        return found[0]
    known = ", ".join(one.label for one in ordered)
    reason = "several migrations have" if found else "no migration has"
    message = f"{reason} the name {name}: there are {known}"
    raise SourceInvalid(message)
