"""The schema that this version of strongroom knows, held against a database when a service starts."""

import json
import logging
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import asyncpg
from attrs import evolve

from strongroom import migrations as shipped
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.names import OWN_SCHEMA
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.connection import connected, inspecting
from strongroom.adapters.postgres.migrator.files import MigrationFolders, load_migrations
from strongroom.adapters.postgres.migrator.history import read_history
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.catalog.documents import from_document
from strongroom.domain.schema.catalog import Catalog, Column, Relation
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.impact import Verdict, verdict
from strongroom.domain.schema.standalone_objects import EnumType
from strongroom.ports.errors import SchemaMismatch

MAX_DIFFERENCES_SHOWN: Final = 3
"""How many differences a message names."""
_LOG: Final = logging.getLogger("strongroom")


async def check_schema_baseline(
    url: str,
    how: Literal["strict", "warn", "off"],
    *,
    model: Model = PLATFORM,
    connect_timeout: float,
    through_pooler: bool = False,
) -> None:
    """Hold a database against the schema that this version knows, as far as the entities of a model go.

    Of the platform's all is known, of other tables what their declarations say: columns, types, nulls, enumerations.

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
            applied = await _applied_migrations(connection, MigrationFolders.of(model).histories)
    ahead, behind = _ahead_and_behind(applied, model)
    differences = breaking_differences(_expected_catalog(model, found), found, model)
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


async def _applied_migrations(
    connection: "asyncpg.Connection[Any]", histories: Collection[str]
) -> dict[str, set[str]] | None:
    """Return the migrations that a database has recorded, by history; None if the record may not be read."""
    try:
        history = await read_history(connection, histories)
    except asyncpg.PostgresError:
        return None
    found: dict[str, set[str]] = {}
    for (side, name), one in history.items():
        if one.finished:
            found.setdefault(side, set()).add(name)
    return found


def _ahead_and_behind(applied: dict[str, set[str]] | None, model: Model) -> tuple[list[str], list[str]]:
    """Return the migrations that a database has and this version has not, and the other way round."""
    if not applied:
        return [], []
    known = load_migrations(MigrationFolders.of(model))
    labels = {migration.label for migration in known}
    there = {f"{side}/{name}" for side, names in applied.items() for name in names}
    # A side without a record migrates in another way: nothing can be said of it.
    return sorted(there - labels), [one.label for one in known if one.history in applied and one.label not in there]


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


def breaking_differences(expected: Catalog, found: Catalog, model: Model = PLATFORM) -> list[Difference]:
    """Return the differences of what the entities need that break somebody: those that do so now before the later."""
    judged = [(verdict(one, found), one) for one in compare(entity_part(expected, model), entity_part(found, model))]
    judged.sort(key=lambda pair: -pair[0])
    return [difference for when, difference in judged if when is not Verdict.NEVER]


def _expected_catalog(model: Model, found: Catalog) -> Catalog:
    """Return what a database has to hold: the shipped catalog, and tables of others as far as their columns go."""
    shipped_part = read_schema_baseline() if set(PLATFORM.extensions) <= set(model.extensions) else Catalog()
    known = shipped_part.by_name
    own = [table for table in model.entities if (OWN_SCHEMA, table.name) not in known]
    if not own:
        return shipped_part
    enums = (
        EnumType(schema=OWN_SCHEMA, name=name, labels=tuple(str(member.value) for member in enum))
        for name, enum in model.enums.items()
        if (OWN_SCHEMA, name) not in shipped_part.enums_by_name
    )
    return evolve(
        shipped_part,
        relations=(*shipped_part.relations, *(_expected_relation(table, found) for table in own)),
        enums=(*shipped_part.enums, *enums),
    )


def _expected_relation(table: Table, found: Catalog) -> Relation:
    """Return a table as it is found, but for what a declaration says without a server: types and nulls of columns."""
    relation = found.by_name.get((OWN_SCHEMA, table.name), Relation(schema=OWN_SCHEMA, name=table.name))
    columns = tuple(
        evolve(
            relation.column(column.name) or Column(name=column.name, type=""),
            type=f"{OWN_SCHEMA}.{column.type}" if column.enum_name else column.type,
            nullable=column.optional,
        )
        for column in table.columns
    )
    return evolve(relation, columns=columns)


def entity_part(catalog: Catalog, model: Model = PLATFORM) -> Catalog:
    """Return the part of a catalog that a model's entities stand on: their tables, views and enumerations."""
    tables, enums = {table.name for table in model.entities}, set(model.enums)
    return Catalog(
        relations=tuple(part for part in catalog.relations if part.name in tables),
        enums=tuple(part for part in catalog.enums if part.name in enums),
    )


@cache
def read_schema_baseline() -> Catalog:
    """Return the catalog that the shipped migrations make."""
    document: dict[str, Any] = json.loads(files(shipped).joinpath("catalog.json").read_text(encoding="utf-8"))
    return from_document(document)
