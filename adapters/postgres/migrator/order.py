"""One order over both histories: each in its own order, and after what it requires of the other."""

from collections.abc import Sequence
from itertools import pairwise

from .errors import MigrationFileInvalid
from .files import Migration, Side


def migration_order(migrations: Sequence[Migration]) -> list[Migration]:
    """Return all migrations in the order in which they are applied, the frontend's first where nothing decides.

    Raises MigrationFileInvalid for a requirement that does not exist, or for histories that wait for each other.
    """
    histories = {side: [migration for migration in migrations if migration.side is side] for side in Side}
    needs: dict[Migration, set[Migration]] = {migration: set() for migration in migrations}
    for history in histories.values():
        for before, after in pairwise(history):
            needs[after].add(before)
    for migration in migrations:
        needs[migration].update(_required(migration, name, histories) for name in migration.requires)
    ordered: list[Migration] = []
    waiting = [*histories[Side.FRONTEND], *histories[Side.BACKEND]]
    while waiting:
        ready = next((migration for migration in waiting if needs[migration].issubset(ordered)), None)
        if ready is None:
            message = f"migrations require one another in a circle: {_cycle(waiting[0], needs)}"
            raise MigrationFileInvalid(message)
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _required(migration: Migration, name: str, histories: dict[Side, list[Migration]]) -> Migration:
    side_name, _, wanted = name.partition("/")
    side = next((side for side in Side if side.value == side_name), None)
    if side is None:
        message = f"{migration.label} requires {name!r}: write pg/<NNNN> or prisma/<name>"
        raise MigrationFileInvalid(message)
    for candidate in histories[side]:
        if wanted == candidate.name or (side is Side.BACKEND and wanted == candidate.name[:4]):
            return candidate
    known = ", ".join(candidate.name for candidate in histories[side]) or "nothing"
    message = f"{migration.label} requires {name}, which does not exist; {side.value}/ holds {known}"
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
