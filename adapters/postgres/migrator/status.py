"""How files and database stand to each other, migration by migration."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum

from attrs import frozen

from .errors import (
    HistoryMismatch,
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


_PROBLEMS: dict[MigrationState, tuple[type[HistoryMismatch], str]] = {
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
    ordered: Sequence[Migration], applied: Mapping[tuple[str, str], AppliedMigration]
) -> list[MigrationStatus]:
    """Return how every migration stands, in the order of application; those without a file come last."""
    newest = _latest_names(applied)
    statuses = [
        _status(one, applied.get((one.history, one.name)), latest=newest.get(one.history, "")) for one in ordered
    ]
    known = {(migration.history, migration.name) for migration in ordered}
    last = _latest_names(known)
    for (history, name), row in sorted(applied.items()):
        if (history, name) not in known:
            state = MigrationState.AHEAD if name > last.get(history, "") else MigrationState.MISSING
            statuses.append(MigrationStatus(f"{history}/{name}", state, None, row))
    return statuses


def _latest_names(migrations: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the last name of each history."""
    latest: dict[str, str] = {}
    for history, name in migrations:
        latest[history] = max(name, latest.get(history, ""))
    return latest


def ignore_unknown_of(statuses: Sequence[MigrationStatus], histories: Collection[str]) -> list[MigrationStatus]:
    """Return the statuses without migrations of some histories that are applied and of which there is no file."""
    unknown = {MigrationState.AHEAD, MigrationState.MISSING}
    return [
        one
        for one in statuses
        if one.state not in unknown or one.applied is None or one.applied.history not in histories
    ]


def pending_migrations(statuses: Sequence[MigrationStatus], *, excluded: bool = True) -> list[Migration]:
    """Return the migrations to apply, in order. Raises the SchemaMismatch in the way, naming all of its kind.

    A migration without a transaction that was begun and not finished is applied again: its statements allow it. Where
    other migrators are not ``excluded``, one that is not finished may just be running: then nothing is judged yet.
    """
    begun = [status for status in statuses if status.state is MigrationState.HALF_APPLIED and not _can_resume(status)]
    if begun and not excluded:
        return [status.migration for status in begun if status.migration is not None]
    for state, (error, advice) in _PROBLEMS.items():
        found = [status for status in statuses if status.state is state and not _can_resume(status)]
        if found:
            labels = _labels_by_history(found)
            message = "; ".join(f"{', '.join(names)} {advice}" for names in labels.values())
            raise error(message, histories=labels)
    return [
        status.migration
        for status in statuses
        if status.migration is not None and (status.state is MigrationState.PENDING or _can_resume(status))
    ]


def require_up_to_date(statuses: Sequence[MigrationStatus]) -> None:
    """Raise the SchemaMismatch that stands between code and database, also when migrations are merely pending."""
    waiting = pending_migrations(statuses)
    begun = _labels_by_history(status for status in statuses if _can_resume(status))
    if begun:
        names = ", ".join(label for labels in begun.values() for label in labels)
        message = f"{names} was begun and not finished: run 'strongroom migrate', which goes through it again"
        raise SchemaHalfApplied(message, histories=begun)
    if waiting:
        names = ", ".join(migration.label for migration in waiting)
        message = f"the database lacks {names}: run 'strongroom migrate'"
        raise SchemaBehind(message, histories=dict.fromkeys(migration.history for migration in waiting))


def _labels_by_history(statuses: Iterable[MigrationStatus]) -> dict[str, list[str]]:
    """Return the labels of migrations by their histories: each history is told for itself."""
    labels: dict[str, list[str]] = {}
    for status in statuses:
        labels.setdefault(status.label.partition("/")[0], []).append(status.label)
    return labels


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
