"""Migration files: ``NNNN_name.sql`` and the frontend's ``<name>/migration.sql``, with their headers.

A history is a folder of them: the backend's (pg), the frontend's (prisma), and one for each extension, by its name. A
header is a comment before the first statement: ``-- requires: prisma/<name>, pg/<NNNN>`` names what the file needs of
other histories, ``-- strongroom: no-transaction`` has its statements run one by one, each on its own.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from attrs import Factory, field, frozen

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.regular_files import read_regular_file

from .errors import MigrationFileInvalid
from .sql_text import Script, SqlStatement, scan

_BACKEND_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+")
_REPEATABLE: Final = frozenset({"do", "vacuum", "analyze", "refresh"})
"""Commands that may run again after a failure: a DO block commits its own parts, and goes on where it was."""
_TRANSACTION: Final = frozenset({"begin", "commit", "end", "abort"})


class Side(Enum):
    """Whose files: the backend's, numbered as those of extensions are, or the frontend's, in Prisma's layout."""

    BACKEND = "pg"
    FRONTEND = "prisma"


@frozen
class Migration:
    """One migration file; ``name`` is its name within its history."""

    side: Side
    name: str
    path: Path
    sql: str
    requires: tuple[str, ...]
    in_transaction: bool
    history: str = Factory(lambda self: self.side.value, takes_self=True)
    """The name of the history: pg, prisma, or an extension's."""

    @property
    def label(self) -> str:
        """The name with the history before it, as headers and messages write it."""
        return f"{self.history}/{self.name}"

    @property
    def statements(self) -> tuple[SqlStatement, ...]:
        """The statements of the file."""
        return scan(self.sql).statements

    @property
    def checksum(self) -> str:
        """What is recorded of the text: normalised for the backend, Prisma's own for the frontend."""
        if self.side is Side.BACKEND:
            return scan(self.sql).checksum
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def matches(self, recorded: str) -> bool:
        """Say whether a recorded checksum is one of this text.

        Prisma accepts a file as it is, with LF and with CRLF line ends, and once wrote bytes without leading zeros.
        """
        if self.side is Side.BACKEND:
            return recorded == self.checksum
        unix = self.sql.replace("\r\n", "\n")
        texts = (self.sql, unix, unix.replace("\n", "\r\n"))
        digests = [hashlib.sha256(text.encode()).digest() for text in texts]
        return any(recorded in (digest.hex(), "".join(f"{byte:x}" for byte in digest)) for digest in digests)


@frozen
class MigrationFolders:
    """Where histories lie: the backend's, the frontend's, and those of extensions by their names."""

    backend: Path | None
    frontend: Path | None = None
    extensions: Mapping[str, Path] = field(factory=dict)

    @property
    def histories(self) -> tuple[str, ...]:
        """The names of the histories; the platform's two go together."""
        platform = () if self.backend is self.frontend is None else tuple(side.value for side in Side)
        return (*platform, *self.extensions)

    @classmethod
    def of(cls, model: Model) -> "MigrationFolders":
        """Return the folders of a model's extensions."""
        found = {one.name: one.migrations for one in model.extensions if one.migrations is not None}
        frontend = next((one.prisma_migrations for one in model.extensions if one.prisma_migrations), None)
        return cls(found.pop(Side.BACKEND.value, None), frontend, found)


def load_migrations(folders: MigrationFolders) -> tuple[Migration, ...]:
    """Read all histories, each in its own order. Raises MigrationFileInvalid."""
    frontend = folders.frontend
    found = sorted(frontend.iterdir()) if frontend is not None and frontend.is_dir() else []
    migrations = [
        _read_migration(Side.FRONTEND, Side.FRONTEND.value, folder.name, folder / "migration.sql")
        for folder in found
        if folder.is_dir()
    ]
    backend = {Side.BACKEND.value: folders.backend} if folders.backend is not None else {}
    for history, folder in {**backend, **folders.extensions}.items():
        migrations += _numbered_migrations(history, folder)
    return tuple(migrations)


def _numbered_migrations(history: str, folder: Path) -> list[Migration]:
    if not folder.is_dir():
        message = f"{history}: there is no folder {folder}, where its migrations should lie"
        raise MigrationFileInvalid(message)
    ours = [_read_migration(Side.BACKEND, history, path.stem, path) for path in sorted(folder.glob("*.sql"))]
    numbers: dict[str, Migration] = {}
    for migration in ours:
        match = _BACKEND_NAME.fullmatch(migration.name)
        if match is None:
            message = f"{migration.path.name}: a migration is named NNNN_name.sql, lower case"
            raise MigrationFileInvalid(message)
        if match[1] in numbers:
            message = f"{migration.path.name} has the number of {numbers[match[1]].path.name}: renumber the newer one"
            raise MigrationFileInvalid(message)
        numbers[match[1]] = migration
    return ours


def _read_migration(side: Side, history: str, name: str, path: Path) -> Migration:
    try:
        sql = read_regular_file(path).decode()
    except FileNotFoundError:
        message = f"{path.parent.name} holds no migration.sql: restore the file, or remove the folder"
        raise MigrationFileInvalid(message) from None
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror}"
        raise MigrationFileInvalid(message) from None
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8 (byte {error.start})"
        raise MigrationFileInvalid(message) from None
    try:
        script = scan(sql)
    except MigrationFileInvalid as error:
        message = f"{path.name}, {error}"
        raise MigrationFileInvalid(message) from None
    headers = _headers(path, script)
    options = [value for name, value in headers if name == "strongroom"]
    unknown = [option for option in options if option != "no-transaction"]
    if unknown:
        message = f"{path.name}: the header 'strongroom: {unknown[0]}' is not known (no-transaction is)"
        raise MigrationFileInvalid(message)
    requires = [value for name, value in headers if name == "requires"]
    migration = Migration(
        side=side,
        name=name,
        path=path,
        sql=sql,
        requires=tuple(part.strip() for line in requires for part in line.split(",") if part.strip()),
        in_transaction="no-transaction" not in options,
        history=history,
    )
    _require_repeatable(migration, script.statements)
    return migration


def _headers(path: Path, script: Script) -> list[tuple[str, str]]:
    """Return the headers of a file. Raises MigrationFileInvalid for one that stands too late to be heeded."""
    for header in script.headers:
        if header.late:
            message = f"{path.name}: the header '{header.name}: {header.value}' has to stand before the first statement"
            raise MigrationFileInvalid(message)
    return [(header.name, header.value) for header in script.headers]


def _require_repeatable(migration: Migration, found: Sequence[SqlStatement]) -> None:
    """Refuse statements that could not run, or could not run again after a failure."""
    for statement in found:
        if migration.in_transaction and _is_concurrent(statement.words):
            problem = "CONCURRENTLY cannot run in a transaction: add the header '-- strongroom: no-transaction'"
        elif _ends_transaction(statement.words):
            problem = "a migration does not begin or end transactions: the migrator does, so that a file is kept whole"
        elif not migration.in_transaction and not _may_run_again(statement.words):
            problem = "without a transaction every statement needs IF NOT EXISTS or IF EXISTS, to be safe to run again"
        else:
            continue
        message = f"{migration.label}, line {statement.line}: {problem}"
        raise MigrationFileInvalid(message)


def _is_concurrent(words: Sequence[str]) -> bool:
    return "concurrently" in words and (
        "index" in words[1:3] if words[0] in {"create", "drop"} else words[0] == "reindex"
    )


def _ends_transaction(words: Sequence[str]) -> bool:
    """Say whether a statement begins or ends a transaction; going back to a savepoint does neither."""
    command = words[0] if words else ""
    if command in {"start", "prepare"}:
        return words[1:2] == ("transaction",)
    return command in _TRANSACTION or (command == "rollback" and "to" not in words)


def _may_run_again(words: Sequence[str]) -> bool:
    exists = any(
        words[at + 1 : at + 2] == ("exists",) or words[at + 1 : at + 3] == ("not", "exists")
        for at, word in enumerate(words)
        if word == "if"
    )
    return exists or (words[:1] != () and words[0] in _REPEATABLE)
