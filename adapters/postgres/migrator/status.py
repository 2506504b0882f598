"""How files and database stand to each other, migration by migration."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum

from attrs import frozen

from strongroom.ports.errors import SchemaMismatch

from .errors import (
    SchemaAhead,
    SchemaBehind,
    SchemaChanged,
    SchemaHalfApplied,
    SchemaMissing,
    SchemaOutOfOrder,
)
from .files import Migration, Side
from .history import AppliedMigration


class MigrationState(Enum):
    """How one migration stands."""

    APPLIED = "applied"
    PENDING = "pending"
    CHANGED = "changed"
    OUT_OF_ORDER = "out of order"
    HALF_APPLIED = "half applied"
    AHEAD = "ahead"
    MISSING = "missing"


@frozen
class MigrationStatus:
    """One migration and how it stands; ``migration`` is None where there is no file."""

    label: str
    state: MigrationState
    migration: Migration | None
    applied: AppliedMigration | None


_PROBLEMS: dict[MigrationState, tuple[type[SchemaMismatch], str]] = {
    MigrationState.HALF_APPLIED: (
        SchemaHalfApplied,
        "was begun and not finished: see what it left behind, then run 'strongroom migrate --repair' and migrate again",
    ),
    MigrationState.CHANGED: (
        SchemaChanged,
        (
            "has been applied with another text: restore the file and write a new migration, or, when the database "
            "already is what the file says, run 'strongroom migrate --repair'"
        ),
    ),
    MigrationState.MISSING: (
        SchemaMissing,
        "is applied to the database, but its file is gone: restore it",
    ),
    MigrationState.AHEAD: (
        SchemaAhead,
        "is applied to the database and newer than this code: deploy the newer code",
    ),
    MigrationState.OUT_OF_ORDER: (
        SchemaOutOfOrder,
        "is pending although a later one is applied: give it the next free number",
    ),
}


def compare_history(
    ordered: Sequence[Migration], applied: Mapping[tuple[Side, str], AppliedMigration]
) -> list[MigrationStatus]:
    """Return how every migration stands, in the order of application; those without a file come last."""
    newest = max((name for side, name in applied if side is Side.BACKEND), default="")
    statuses = [
        _status(migration, applied.get((migration.side, migration.name)), latest=newest) for migration in ordered
    ]
    known = {(migration.side, migration.name) for migration in ordered}
    last = {side: max((name for other, name in known if other is side), default="") for side in Side}
    for (side, name), row in sorted(applied.items(), key=lambda item: (item[0][0].value, item[0][1])):
        if (side, name) not in known:
            state = MigrationState.AHEAD if name > last[side] else MigrationState.MISSING
            statuses.append(MigrationStatus(f"{side.value}/{name}", state, None, row))
    return statuses


def ignore_unknown_of(statuses: Sequence[MigrationStatus], sides: Collection[Side]) -> list[MigrationStatus]:
    """Return the statuses without migrations of some sides that are applied and of which there is no file."""
    unknown = {MigrationState.AHEAD, MigrationState.MISSING}
    return [one for one in statuses if one.state not in unknown or one.applied is None or one.applied.side not in sides]


def pending_migrations(statuses: Sequence[MigrationStatus], *, excluded: bool = True) -> list[Migration]:
    """Return the migrations to apply, in order. Raises the SchemaMismatch in the way, naming all of its kind.

    A migration without a transaction that was begun and not finished is applied again: its statements allow it. Where
    other migrators are not ``excluded``, one that is not finished may just be running: then nothing is judged yet.
    """
    begun = [status for status in statuses if status.state is MigrationState.HALF_APPLIED and not _can_resume(status)]
    if begun and not excluded:
        return [status.migration for status in begun if status.migration is not None]
    for state, (error, advice) in _PROBLEMS.items():
        labels = [status.label for status in statuses if status.state is state and not _can_resume(status)]
        if labels:
            message = f"{', '.join(labels)} {advice}"
            raise error(message)
    return [
        status.migration
        for status in statuses
        if status.migration is not None and (status.state is MigrationState.PENDING or _can_resume(status))
    ]


def require_up_to_date(statuses: Sequence[MigrationStatus]) -> None:
    """Raise the SchemaMismatch that stands between code and database, also when migrations are merely pending."""
    waiting = pending_migrations(statuses)
    begun = [status.label for status in statuses if _can_resume(status)]
    if begun:
        message = (
            f"{', '.join(begun)} was begun and not finished: run 'strongroom migrate', which goes through it again"
        )
        raise SchemaHalfApplied(message)
    if waiting:
        names = ", ".join(migration.label for migration in waiting)
        message = f"the database lacks {names}: run 'strongroom migrate'"
        raise SchemaBehind(message)


def _can_resume(status: MigrationStatus) -> bool:
    return (
        status.state is MigrationState.HALF_APPLIED
        and status.migration is not None
        and not status.migration.in_transaction
    )


def _status(migration: Migration, applied: AppliedMigration | None, *, latest: str) -> MigrationStatus:
    if applied is None:
        # Prisma itself applies a pending migration that is older than an applied one: branches are merged that way.
        is_late = migration.side is Side.BACKEND and migration.name < latest
        state = MigrationState.OUT_OF_ORDER if is_late else MigrationState.PENDING
    elif not applied.finished:
        state = MigrationState.HALF_APPLIED
    else:
        state = MigrationState.APPLIED if migration.matches(applied.checksum) else MigrationState.CHANGED
    return MigrationStatus(migration.label, state, migration, applied)
