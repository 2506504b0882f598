"""The event triggers: whether they are there, unchanged and switched on, and whether anybody else's stand beside."""

from typing import Final

from strongroom.domain.schema.contract import Contract

from .event_functions import TRIGGERS
from .execution import try_statements
from .guard_grants import probe_guard_grants
from .guard_schema import GUARD_SCHEMA
from .inspection import Inspection, inspect
from .protection import Connection, Deviation
from .roles import names_of

_TRIGGERS: Final = """
    SELECT evtname::text AS name, evtevent::text AS event, nspname || '.' || proname AS function,
           evtenabled = 'A' AND evttags IS NULL AS always
    FROM pg_catalog.pg_event_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = evtfoid
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
"""
_OF_SIDES: Final = """
    SELECT evtname::text AS name, pg_catalog.format('%I.%I', nspname, proname) AS function,
           pg_catalog.pg_get_userbyid(owner)::text AS owner, pg_catalog.min(rolname)::text AS role
    FROM pg_catalog.pg_event_trigger JOIN pg_catalog.pg_proc ON pg_proc.oid = evtfoid
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
    CROSS JOIN pg_catalog.unnest(ARRAY[evtowner, proowner]) AS owner
    JOIN pg_catalog.pg_roles ON rolname::text = ANY ($1::text[]) AND NOT rolsuper
         AND pg_catalog.pg_has_role(pg_roles.oid, owner, 'MEMBER')
    WHERE evtname::text <> ALL ($2::text[])
    GROUP BY evtname, nspname, proname, owner
    ORDER BY 1, 2, 3
"""


async def probe_event_triggers(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which parts of the event triggers are missing, changed, switched off, or in wrong hands.

    Nothing is fixed while anything foreign stands in the schema of the guard.
    """
    found = await inspect(connection, contract)
    foreign = await _foreign(connection, contract, found)
    if foreign:
        return foreign
    lacking, statements = list(found.altered), list(found.statements)
    triggers = {row["name"]: row for row in await connection.fetch(_TRIGGERS)}
    for name, (event, function) in TRIGGERS.items():
        row = triggers.get(name)
        if row is None or (row["event"], row["function"], row["always"]) != (event, f"{GUARD_SCHEMA}.{function}", True):
            lacking.append(f"the event trigger {name}")
            statements += [f"DROP EVENT TRIGGER {name}"] if row else []
            statements += [
                f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION {GUARD_SCHEMA}.{function}()",
                # session_replication_role switches off those that are enabled in the ordinary way.
                f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS",
            ]
    if lacking:
        return [Deviation(f"not there, or not as they should be: {', '.join(lacking)}", tuple(statements))]
    return await probe_guard_grants(connection, contract)


async def prepare(connection: Connection, contract: Contract) -> list[Deviation]:
    """Make an installation safe to begin, or return what is in its way, for people to decide.

    Drop the event triggers if they are to be fixed: broken ones would refuse the very statements that fix them.
    PostgreSQL runs no event trigger for that. Lock the tables of the guard then, so that nobody changes what was found.
    """
    found = await inspect(connection, contract)
    foreign = await _foreign(connection, contract, found)
    if foreign or not await probe_event_triggers(connection, contract):
        return foreign
    await try_statements(connection, [f"DROP EVENT TRIGGER IF EXISTS {name}" for name in TRIGGERS])
    await try_statements(connection, [f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE" for name in found.present])
    return []


async def find_foreign(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return what is in the way of a removal, for people to decide."""
    return await _foreign(connection, contract, await inspect(connection, contract))


async def _foreign(connection: Connection, contract: Contract, found: Inspection) -> list[Deviation]:
    """Return what would run the code of a side, or is not the guard's, where an installation would touch it."""
    return [
        *(
            Deviation(
                f"the event trigger {row['name']} runs {row['function']} with the rights of whoever changes the "
                f"schema, and {row['role']} can act as {row['owner']}, who can replace it: drop the event trigger"
            )
            for row in await connection.fetch(_OF_SIDES, names_of(contract), list(TRIGGERS))
        ),
        *(Deviation(what) for what in found.foreign),
    ]
