"""The schema that this version of strongroom knows, held against a database when a service starts."""

import json
import logging
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from strongroom import migrations as shipped
from strongroom.adapters.mapping.enums import ENUMS
from strongroom.adapters.mapping.registry import TABLES, VIEWS
from strongroom.domain.schema.catalogue import Catalogue
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.impact import Verdict, verdict
from strongroom.ports.errors import SchemaMismatch

from .catalog import read_catalogue
from .catalog.documents import from_document
from .connecting import connect

NAMED: Final = 3
"""How many differences a message names."""
_LOG: Final = logging.getLogger("strongroom")


async def check_schema(url: str, how: Literal["strict", "warn", "off"], *, connect_timeout: float) -> None:
    """Hold a database against the schema that this version knows, as far as its entities go.

    What breaks nobody (a column more that fills itself, an index more) is no difference. Strict raises SchemaMismatch
    naming the first differences, warn logs them, off does nothing. Raises StorageUnavailable.
    """
    if how == "off":
        return
    connection = await connect(url, timeout=connect_timeout)
    try:
        found = await read_catalogue(connection, ["public"])
    finally:
        await connection.close()
    differences = breaking(known_schema(), found)
    if not differences:
        return
    first = "; ".join(map(str, differences[:NAMED]))
    more = f"; and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
    message = (
        f"the database is not as this version knows it: {first}{more}. "
        "'strongroom schema check' says who is wrong and what mends it"
    )
    if how == "strict":
        raise SchemaMismatch(message)
    _LOG.warning("%s", message)


def breaking(expected: Catalogue, found: Catalogue) -> list[Difference]:
    """Return the differences of what the entities need that break somebody, now or later."""
    return [
        difference
        for difference in compare(of_entities(expected), of_entities(found))
        if verdict(difference, found) is not Verdict.NEVER
    ]


def of_entities(catalogue: Catalogue) -> Catalogue:
    """Return the part of a catalogue that the entities stand on: their tables, views and enumerations."""
    tables, enums = {table.name for table in (*TABLES, *VIEWS)}, set(ENUMS.values())
    return Catalogue(
        relations=tuple(part for part in catalogue.relations if part.name in tables),
        enums=tuple(part for part in catalogue.enums if part.name in enums),
    )


@cache
def known_schema() -> Catalogue:
    """Return the catalogue that the shipped migrations make."""
    document: dict[str, Any] = json.loads(files(shipped).joinpath("catalogue.json").read_text(encoding="utf-8"))
    return from_document(document)
