"""The schema that this version of strongroom knows, held against a database when a service starts."""

import json
import logging
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import asyncpg

from strongroom import migrations as shipped
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.catalog.documents import from_document
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.impact import Verdict, verdict
from strongroom.ports.errors import SchemaMismatch

from .connection import connected, inspecting
from .migrator.files import Side, load_migrations
from .migrator.history import read_history

MAX_DIFFERENCES_SHOWN: Final = 3
"""How many differences a message names."""
_LOG: Final = logging.getLogger("strongroom")


async def check_schema_baseline(
    url: str, how: Literal["strict", "warn", "off"], *, connect_timeout: float, through_pooler: bool = False
) -> None:
    """Hold a database against the schema that this version knows, as far as its entities go.

    What breaks nobody (a column more that fills itself, an index more) is no difference, whoever deployed it ahead of
    this version. Strict raises SchemaMismatch naming the gravest differences, and the migrations that the database has
    and this version has not, or the other way round; warn logs them, but for what a migration ahead of this version
    breaks at once; off does nothing. Raises StorageUnavailable.
    """
    if how == "off":
        return
    async with connected(url, timeout=connect_timeout, through_pooler=through_pooler) as connection:
        found = await read_catalog(connection, ["public"])
        async with inspecting(connection, through_pooler=through_pooler):
            applied = await _applied_migrations(connection)
    ahead, behind = _ahead_and_behind(applied)
    differences = breaking_differences(read_schema_baseline(), found)
    if not differences:
        if ahead:
            _LOG.info(
                "the database has %s, of which this version does not know: it breaks nothing here", _list_labels(ahead)
            )
        return
    first = "; ".join(map(str, differences[:MAX_DIFFERENCES_SHOWN]))
    more = f"; and {len(differences) - MAX_DIFFERENCES_SHOWN} more" if len(differences) > MAX_DIFFERENCES_SHOWN else ""
    message = f"the database is not as this version knows it: {first}{more}. {_remedy(ahead, behind)}"
    breaks_now = verdict(differences[0], found) is Verdict.NOW
    if how == "strict" or (ahead and breaks_now):
        raise SchemaMismatch(message)
    _LOG.warning("%s", message)


async def _applied_migrations(connection: "asyncpg.Connection[Any]") -> dict[Side, set[str]] | None:
    """Return the migrations that a database has on record, by side; None where it may not be read."""
    try:
        history = await read_history(connection)
    except asyncpg.PostgresError:
        return None
    found: dict[Side, set[str]] = {}
    for (side, name), one in history.items():
        if one.finished:
            found.setdefault(side, set()).add(name)
    return found


def _ahead_and_behind(applied: dict[Side, set[str]] | None) -> tuple[list[str], list[str]]:
    """Return the migrations that a database has and this version has not, and the other way round."""
    if not applied:
        return [], []
    known = load_migrations(shipped.backend_folder(), shipped.frontend_folder())
    labels = {migration.label for migration in known}
    there = {f"{side.value}/{name}" for side, names in applied.items() for name in names}
    # A side without a record migrates in another way: nothing can be said of it.
    return sorted(there - labels), [one.label for one in known if one.side in applied and one.label not in there]


def _remedy(ahead: Sequence[str], behind: Sequence[str]) -> str:
    said = []
    if ahead:
        said.append(
            f"It has {_list_labels(ahead)}, of which this version does not know: "
            "start a version that does, or have who deployed it take back what breaks this one"
        )
    if behind:
        said.append(f"It lacks {_list_labels(behind)}: apply what is pending before this version starts")
    if not said:
        said.append("Every migration is applied: somebody changed it by hand")
    return ". ".join([*said, "'strongroom schema check' says who is wrong and what mends it"])


def _list_labels(labels: Sequence[str]) -> str:
    return ", ".join(labels[:MAX_DIFFERENCES_SHOWN]) + (
        f" and {len(labels) - MAX_DIFFERENCES_SHOWN} more" if len(labels) > MAX_DIFFERENCES_SHOWN else ""
    )


def breaking_differences(expected: Catalog, found: Catalog) -> list[Difference]:
    """Return the differences of what the entities need that break somebody: those that do so now before the later."""
    judged = [(verdict(one, found), one) for one in compare(entity_part(expected), entity_part(found))]
    judged.sort(key=lambda pair: -pair[0])
    return [difference for when, difference in judged if when is not Verdict.NEVER]


def entity_part(catalog: Catalog) -> Catalog:
    """Return the part of a catalog that the entities stand on: their tables, views and enumerations."""
    tables, enums = {table.name for table in PLATFORM.entities}, set(PLATFORM.enums)
    return Catalog(
        relations=tuple(part for part in catalog.relations if part.name in tables),
        enums=tuple(part for part in catalog.enums if part.name in enums),
    )


@cache
def read_schema_baseline() -> Catalog:
    """Return the catalog that the shipped migrations make."""
    document: dict[str, Any] = json.loads(files(shipped).joinpath("catalog.json").read_text(encoding="utf-8"))
    return from_document(document)
