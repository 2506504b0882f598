"""Define what the use cases depend on: databases, declarations, histories, scratch databases, accepted findings."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.change_context import ChangeContext
from strongroom.domain.schema.check import Declaration, FixWriter
from strongroom.domain.schema.column_change import ColumnChange, Phase
from strongroom.domain.schema.comparison import Difference
from strongroom.domain.schema.contract import Contract, ContractSide, MigrationKind
from strongroom.domain.schema.impact import LockTaken
from strongroom.domain.schema.page import Name, TableStep


class Migration(Protocol):
    """One migration of a history."""

    @property
    def name(self) -> str:
        """The name within its history."""
        ...

    @property
    def label(self) -> str:
        """The name with the history before it, as messages write it."""
        ...

    @property
    def sql(self) -> str:
        """The text."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether its statements run in one transaction."""
        ...


M = TypeVar("M", bound=Migration)
M_co = TypeVar("M_co", bound=Migration, covariant=True)
M_contra = TypeVar("M_contra", bound=Migration, contravariant=True)


class CatalogReader(Protocol):
    """Reads what a database holds."""

    async def read_catalog(self, schemas: Sequence[str]) -> Catalog:
        """Return what the schemas hold, without the migrators' own tables. Raises StorageUnavailable."""
        ...


class DeclaredSchemas(Protocol):
    """Reads what the sides' languages declare."""

    async def read_declarations(self) -> Sequence[Declaration]:
        """Return the declarations of every side that has any. Raises an error that names the file and the place."""
        ...


class MigrationHistory(Protocol[M_co]):
    """Reads the migrations of all sides."""

    def read_migrations(self) -> Sequence[M_co]:
        """Return them in the order in which they are applied. Raises ReplayFailed."""
        ...


class AcceptedFindings(Protocol):
    """Keeps the findings that are accepted."""

    def read(self) -> Mapping[str, str]:
        """Return each accepted finding's reason by its key; empty if none was ever accepted."""
        ...

    def write(self, accepted: Mapping[str, str]) -> None:
        """Replace all of them."""
        ...


@frozen(kw_only=True)
class StatementEffect:
    """The effect of one statement of a migration on a scratch database.

    ``held`` are the locks on tables that existed before it, as schema, name and mode; None if it ran outside a
    transaction, where no lock can be observed. ``rewritten`` are the tables that it rewrote.
    """

    migration: str
    history: MigrationKind
    line: int
    statement: str
    before: Catalog
    after: Catalog
    held: tuple[tuple[str, str, str], ...] | None
    rewritten: frozenset[tuple[str, str]]


class ReplayedDatabase(CatalogReader, Protocol[M_contra]):
    """A scratch database to which a history has been applied."""

    async def apply(self, migrations: Iterable[M_contra]) -> None:
        """Apply further migrations. Raises ReplayFailed."""
        ...

    async def read_change(self, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
        """Read what a change is made from. Raises ColumnChangeRefused."""
        ...

    async def read_started_change(self, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
        """Read what a change that has begun was made from. Raises ColumnChangeRefused."""
        ...


class ScratchDatabase(Protocol[M_contra]):
    """Applies histories to empty databases that are dropped afterwards."""

    async def replay(self, migrations: Sequence[M_contra], schemas: Sequence[str]) -> Catalog:
        """Return what migrations make of an empty database. Raises ReplayFailed."""
        ...

    async def replay_steps(
        self, migrations: Sequence[M_contra], schemas: Sequence[str]
    ) -> tuple[Catalog, Mapping[Name, tuple[TableStep, ...]]]:
        """Return what migrations make, and what each did to the tables that exist in the end. Raises ReplayFailed."""
        ...

    def rehearse(
        self, before: Sequence[M_contra], pending: Sequence[M_contra], schemas: Sequence[str]
    ) -> AsyncIterator[StatementEffect]:
        """Apply a history, then the pending migrations statement by statement; yields each effect.

        Raises ReplayFailed.
        """
        ...

    def replayed(self, migrations: Sequence[M_contra]) -> AbstractAsyncContextManager[ReplayedDatabase[M_contra]]:
        """Open a database to which a history has been applied. Raises ReplayFailed."""
        ...


@frozen
class NewMigration(Generic[M]):
    """A file to be written, and the migration that it holds."""

    path: Path
    migration: M


class ChangeMigrations(Protocol[M]):
    """Writes the migrations of a change into a side's history."""

    def prepare(
        self, side: ContractSide, change: ColumnChange, context: ChangeContext, phase: Phase
    ) -> Sequence[NewMigration[M]]:
        """Return the files of one end of a change, named as the history's others; nothing is written."""
        ...


class SafeAlternatives(Protocol):
    """Says how to do safely what a statement changes and locks."""

    def __call__(
        self, changes: Iterable[Difference], locks: Iterable[LockTaken], before: Catalog, after: Catalog
    ) -> tuple[str, ...]:
        """Return the safe ways, most important first; none if the statement is safe."""
        ...


@frozen(kw_only=True)
class Coordination(Generic[M]):
    """One project's contract, and what its use cases need of the world."""

    contract: Contract
    declared: DeclaredSchemas
    history: MigrationHistory[M]
    scratch: ScratchDatabase[M]
    accepted: AcceptedFindings
    write_fix: FixWriter
