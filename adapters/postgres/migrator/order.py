"""One order over all histories: each in its own order, and after what it requires of others."""

from collections.abc import Sequence
from itertools import pairwise

from .errors import MigrationFileInvalid
from .files import Migration, Side


def migration_order(migrations: Sequence[Migration]) -> list[Migration]:
    """Return all migrations in the order in which they are applied.

    Where nothing decides, the frontend's come first and those of extensions last. Raises MigrationFileInvalid for a
    requirement that does not exist, or for histories that wait for each other.
    """
    histories: dict[str, list[Migration]] = {Side.FRONTEND.value: [], Side.BACKEND.value: []}
    for migration in migrations:
        histories.setdefault(migration.history, []).append(migration)
    needs: dict[Migration, set[Migration]] = {migration: set() for migration in migrations}
    for history in histories.values():
        for before, after in pairwise(history):
            needs[after].add(before)
    for migration in migrations:
        needs[migration].update(_required(migration, name, histories) for name in migration.requires)
    ordered: list[Migration] = []
    waiting = [migration for history in histories.values() for migration in history]
    while waiting:
        ready = next((migration for migration in waiting if needs[migration].issubset(ordered)), None)
        if ready is None:
            message = f"migrations require one another in a circle: {_cycle(waiting[0], needs)}"
            raise MigrationFileInvalid(message)
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _required(migration: Migration, name: str, histories: dict[str, list[Migration]]) -> Migration:
    history, _, wanted = name.partition("/")
    if history not in histories:
        others = "".join(f" or {other}/<NNNN>" for other in histories if other not in {side.value for side in Side})
        message = f"{migration.label} requires {name!r}: write pg/<NNNN> or prisma/<name>{others}"
        raise MigrationFileInvalid(message)
    for candidate in histories[history]:
        if wanted == candidate.name or (candidate.side is Side.BACKEND and wanted == candidate.name[:4]):
            return candidate
    known = ", ".join(candidate.name for candidate in histories[history]) or "nothing"
    message = f"{migration.label} requires {name}, which does not exist; {history}/ holds {known}"
    raise MigrationFileInvalid(message)


def _cycle(start: Migration, needs: dict[Migration, set[Migration]]) -> str:
    """Return a circle of requirements that blocks a migration, written out."""
    path: list[Migration] = []
    current = start
    while current not in path:
        path.append(current)
        blocked = [migration for migration in needs[current] if _blocked(migration, needs)]
        current = min(blocked, key=lambda migration: migration.label)
    circle = [*path[path.index(current) :], current]
    return " requires ".join(migration.label for migration in circle)


def _blocked(migration: Migration, needs: dict[Migration, set[Migration]]) -> bool:
    """Say whether a migration can never be applied."""
    done: set[Migration] = set()
    changed = True
    while changed:
        changed = False
        for candidate, required in needs.items():
            if candidate not in done and required <= done:
                done.add(candidate)
                changed = True
    return migration not in done
