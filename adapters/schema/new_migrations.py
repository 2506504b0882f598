"""New files of a history, named as those before them: Prisma's folders, numbered or dated SQL files."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Final

from attrs import frozen

from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.postgres.column_changes import migration_steps
from strongroom.adapters.schema.postgres.replay import read_migration_folder
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.change_context import ChangeContext
from strongroom.domain.schema.column_change import ColumnChange, Phase, Step
from strongroom.domain.schema.contract import ContractSide, MigrationKind
from strongroom.ports.schema.world import NewMigration

_NAME: Final = re.compile(r"(?P<before>[Vv]?)(?P<number>\d+)(?P<between>_++|-|\.)(?P<words>.*)")
_DATED: Final = 14
_WIDTH: Final = 110


class NamingUnknown(StrongroomError):
    """A history whose files are named in no order that a next one could be told from."""


@frozen
class FolderMigrations:
    """Prepares the migrations of a change for the folder of a side's history, below a project's."""

    project_folder: Path
    now: datetime

    def prepare(
        self, side: ContractSide, change: ColumnChange, context: ChangeContext, phase: Phase
    ) -> list[NewMigration[Migration]]:
        """Return the files of one end of a change. Raises NamingUnknown, ReplayFailed."""
        steps = migration_steps(change, context, phase)
        return new_migrations(self.project_folder / str(side.migrations), side, steps, self.now)


def new_migrations(
    folder: Path, side: ContractSide, steps: Sequence[Step], now: datetime
) -> list[NewMigration[Migration]]:
    """Return the files of steps, behind those that a side's history has. Raises NamingUnknown, ReplayFailed."""
    kind = Side.FRONTEND if side.kind is MigrationKind.PRISMA else Side.BACKEND
    known = [migration.name for migration in read_migration_folder(folder, kind)]
    within = folder / "migrations" if kind is Side.FRONTEND and (folder / "migrations").is_dir() else folder
    made = []
    for step in steps:
        words = re.sub(r"[^a-z0-9]+", "_", step.name.lower()).strip("_")
        name = _dated_name(known, words, now) if kind is Side.FRONTEND else _numbered_name(known, words, now, folder)
        known.append(name)
        path = within / name / "migration.sql" if kind is Side.FRONTEND else within / f"{name}.sql"
        text = migration_text(step)
        migration = Migration(
            side=kind, name=name, path=path, sql=text, requires=(), in_transaction=step.in_transaction
        )
        made.append(NewMigration(path, migration))
    return made


def migration_text(step: Step) -> str:
    """Return the text of a migration."""
    head = [f"-- {line}" for line in wrap(step.purpose, _WIDTH)]
    if not step.in_transaction:
        head.append("-- strongroom: no-transaction")
    return "\n".join(head) + "\n\n" + ";\n\n".join(step.statements) + ";\n"


def write_migrations(made: Sequence[NewMigration[Migration]]) -> None:
    """Write the files; none of them is there yet."""
    for one in made:
        one.path.parent.mkdir(parents=True, exist_ok=True)
        with one.path.open("x", encoding="utf-8") as file:
            file.write(one.migration.sql)


def _dated_name(known: Sequence[str], words: str, now: datetime) -> str:
    """Return a name by the time, a second behind the last one where the clock is not past it."""
    last = max((name[:_DATED] for name in known if name[:_DATED].isdigit()), default="")
    stamp = f"{now:%Y%m%d%H%M%S}"
    if stamp <= last:
        stamp = f"{_parse_stamp(last) + timedelta(seconds=1):%Y%m%d%H%M%S}"
    return f"{stamp}_{words}"


def _parse_stamp(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S")  # noqa: DTZ007 - counted on, never compared with a clock
    except ValueError:
        message = f"the last migration is named {stamp}…, which is no time: name the new ones by hand (--dry-run)"
        raise NamingUnknown(message) from None


def _numbered_name(known: Sequence[str], words: str, now: datetime, folder: Path) -> str:
    """Return a name with the next number, as wide as the last one; where numbers are times, with the time."""
    last = _NAME.fullmatch(known[-1])
    if last is None:
        message = f"{folder}: {known[-1]} begins with no number to go on from: name the new files by hand (--dry-run)"
        raise NamingUnknown(message)
    if len(last["number"]) == _DATED:
        return _dated_name(known, words, now)
    number = max(int(found["number"]) for name in known if (found := _NAME.fullmatch(name))) + 1
    return f"{last['before']}{number:0{len(last['number'])}}{last['between']}{words}"
