"""Installing the guard, looking whether it is in place, and removing it."""

from collections.abc import Sequence
from typing import Final

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.guard_report import GuardOutcome, GuardReport, GuardStep, ProtectionStatus

from .event_functions import FUNCTIONS, TRIGGERS
from .execution import migration_lock_transaction, try_statements
from .grants import probe_default_grants, probe_grants
from .guard_schema import GUARD_SCHEMA, TABLES
from .objects import read_objects
from .ownership import probe_owners, probe_schemas
from .protection import Connection, Deviation, Protection
from .reached_code import probe_reached_code
from .register import probe_register
from .roles import (
    assume_roles,
    database_and_owner,
    probe_database,
    probe_memberships,
    probe_roles,
    probe_sessions,
)
from .session import trusted_session
from .shadows import probe_shadows
from .triggers import find_foreign, prepare, probe_event_triggers

_MANUAL_STEPS: Final = "no statement of the guard fixes that"
PROTECTIONS: Final = (
    Protection("roles", "each side has roles of its own, and none is a superuser or can become one", probe_roles),
    Protection("memberships", "no role of a side can act as the owner role or as another side", probe_memberships),
    Protection("database", "no role of a side owns the database, or creates schemas in it", probe_database),
    Protection("sessions", "a migrator's session runs no policy of the other side as it reads", probe_sessions),
    Protection("schemas", "a role that nobody logs in as owns the schemas", probe_schemas),
    Protection("owners", "every object belongs to the role of its side", probe_owners),
    Protection("names", "nothing in the shared schemas is called in place of PostgreSQL's own", probe_shadows),
    Protection("code", "no foreign key has a side's code run in the sessions of another side", probe_reached_code),
    Protection("grants", "each side reads the others' objects as the contract says, and no more", probe_grants),
    Protection("defaults", "the same will hold for objects that are created later", probe_default_grants),
    Protection(
        "event triggers", "DDL that reaches into another side is refused, CASCADE included", probe_event_triggers
    ),
    Protection("register", "the event triggers know the contract and every present object", probe_register),
)
"""In the order of installing: what a protection needs is in place before it."""
# Without CASCADE: what others made depend on it stays, and is named.
_DROP_ALL: Final = (
    f"DROP TABLE IF EXISTS {', '.join(table.qualified for table in TABLES.values())}; "
    f"DROP FUNCTION IF EXISTS {', '.join(function.signature for function in FUNCTIONS.values())}; "
    f"DROP SCHEMA IF EXISTS {GUARD_SCHEMA}"
)


async def status(connection: Connection, contract: Contract) -> list[ProtectionStatus]:
    """Look at the database and return how every protection stands; nothing is changed, nothing is remembered."""
    async with (
        trusted_session(connection),
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return [
            ProtectionStatus(one.name, one.holds, tuple(gap.what for gap in await one.probe(connection, contract)))
            for one in PROTECTIONS
        ]


async def install(
    connection: Connection, contract: Contract, *, lock_timeout: float = 1.0, wait_timeout: float = 30.0
) -> GuardReport:
    """Make the database keep the contract, as far as the present user may, and report every step.

    It is safe to run again: what is in place is left as it is. All of it is one transaction, under the locks of both
    migrators; ``wait_timeout`` is how long it waits for them, ``lock_timeout`` how long for a table, in seconds. Raises
    MigrationBlocked when others hold either for longer: nothing is changed then. Nothing is changed either if anything
    stands in the schema of the guard that is not the guard's, or if an event trigger runs the code of a side.
    """
    async with migration_lock_transaction(connection, lock_timeout=lock_timeout, wait_timeout=wait_timeout):
        foreign = await prepare(connection, contract)
        if foreign:
            return _refused("event triggers", foreign)
        steps: list[GuardStep] = []
        for protection in PROTECTIONS:
            async with assume_roles(connection, contract):
                steps += await _close_deviations(connection, contract, protection)
        return GuardReport(tuple(steps))


async def remove(
    connection: Connection,
    contract: Contract,
    *,
    heir: str | None = None,
    lock_timeout: float = 1.0,
    wait_timeout: float = 30.0,
) -> GuardReport:
    """Take the event triggers, their register and the log away; with an heir, give that role everything back.

    The heir comes to own the schemas, the objects, and the database where the owner role has it. Without one, owners
    and grants stay as they are: they protect by themselves. Roles and their settings stay, because other databases of
    the server may need them. Raises as ``install`` does, and changes nothing where that would not.
    """
    async with migration_lock_transaction(connection, lock_timeout=lock_timeout, wait_timeout=wait_timeout):
        foreign = await find_foreign(connection, contract)
        if foreign:
            return _refused("removal", foreign)
        wanted = [
            *((f"the event trigger {name}", f"DROP EVENT TRIGGER IF EXISTS {name}") for name in TRIGGERS),
            (
                f"the schema {GUARD_SCHEMA}, its log included",
                _DROP_ALL,
            ),
            *(await _return_ownership(connection, contract, quote_identifier(heir)) if heir is not None else []),
        ]
        steps = []
        async with assume_roles(connection, contract):
            for what, statement in wanted:
                why = await try_statements(connection, [statement])
                steps.append(GuardStep("removal", what, GuardOutcome.NOT_POSSIBLE if why else GuardOutcome.DONE, why))
        return GuardReport(tuple(steps))


def _refused(protection: str, foreign: Sequence[Deviation]) -> GuardReport:
    """Return the report of what changed nothing, because of what only people can judge."""
    why = "nothing was changed: only people can tell what it is for"
    return GuardReport(tuple(GuardStep(protection, gap.what, GuardOutcome.NOT_POSSIBLE, why) for gap in foreign))


async def _return_ownership(connection: Connection, contract: Contract, heir: str) -> list[tuple[str, str]]:
    """Return what gives an heir what the guard has taken, each in words and as a statement.

    The schemas come first: whoever is to own an object has to be able to create it.
    """
    given = [
        (f"the schema {schema}", f"ALTER SCHEMA {quote_identifier(schema)} OWNER TO {heir}")
        for schema in contract.schemas
    ]
    objects = await read_objects(connection, contract.schemas)
    given += [(part.sql, f"ALTER {part.sql} OWNER TO {heir}") for part in objects]
    name, owner = await database_and_owner(connection)
    if owner == contract.owner_role:
        given.append(("the database", f"ALTER DATABASE {quote_identifier(name)} OWNER TO {heir}"))
    return given


async def _close_deviations(connection: Connection, contract: Contract, protection: Protection) -> list[GuardStep]:
    """Close the gaps of a protection, then those that closing them has opened, and believe what is seen afterwards."""
    tried: dict[str, str | None] = {}
    left = await protection.probe(connection, contract)
    while new := [gap for gap in left if gap.what not in tried]:
        for gap in new:
            tried[gap.what] = await try_statements(connection, gap.statements) if gap.statements else _MANUAL_STEPS
        left = await protection.probe(connection, contract)
    if not tried:
        return [GuardStep(protection.name, protection.holds, GuardOutcome.ALREADY)]
    still = {gap.what for gap in left}
    steps = []
    for what, refused in tried.items():
        why = refused or ("it is still so" if what in still else None)
        steps.append(GuardStep(protection.name, what, GuardOutcome.NOT_POSSIBLE if why else GuardOutcome.DONE, why))
    return steps
