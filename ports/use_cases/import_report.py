"""Report what an import did, and what it refused, with file and line."""

from collections import Counter
from collections.abc import Callable
from typing import Generic, TypeVar

from attrs import Factory, define, field, frozen

from strongroom.domain.errors import StrongroomError

from ..results import BulkResult

FactT = TypeVar("FactT")
FactT_co = TypeVar("FactT_co", covariant=True)

MAX_REASON_LENGTH = 500


@frozen
class Origin:
    """Where something was read: the file, and its line from 1."""

    file: str
    line: int


@frozen
class FactWithOrigin(Generic[FactT_co]):
    """Something that was read, and where."""

    fact: FactT_co
    origin: Origin


@frozen
class Reject:
    """A line that was left out: where it stands, which of its fields is wrong (None: the whole line), and why."""

    file: str
    line: int
    field: str | None
    reason: str


class ImportRefused(StrongroomError):
    """Input that cannot be imported; nothing of the run is kept.

    ``line`` and ``field`` are None if the file as a whole is wrong; ``advice`` says what to do.
    """

    def __init__(
        self, reason: str, *, file: str, line: int | None = None, field: str | None = None, advice: str
    ) -> None:
        self.reason = reason
        self.file = file
        self.line = line
        self.field = field
        self.advice = advice
        where = ", ".join((file, *([f"line {line}"] if line else []), *([f"field {field}"] if field else [])))
        super().__init__(f"{where}: {reason}; {advice}")


class Rejections:
    """The handling of bad lines: without a file to keep them, the first bad line ends the import."""

    ADVICE = "correct the line, or have bad lines skipped and written to a file"

    def __init__(self, keep: Callable[[Reject], None] | None = None) -> None:
        self.count = 0
        self._keep = keep

    def refuse(self, origin: Origin, *, field: str | None, reason: str) -> None:
        """Leave a line out. Raises ImportRefused if bad lines are not skipped."""
        if len(reason) > MAX_REASON_LENGTH:
            reason = reason[:MAX_REASON_LENGTH] + "…"
        if self._keep is None:
            raise ImportRefused(reason, file=origin.file, line=origin.line, field=field, advice=self.ADVICE)
        self.count += 1
        self._keep(Reject(origin.file, origin.line, field, reason))


@frozen
class ImportReport:
    """The result of a run: rows of each entity class (by its name), lines left out, and notes."""

    entities: dict[str, BulkResult]
    rejected: int
    notes: tuple[str, ...]

    @property
    def total(self) -> BulkResult:
        """The rows of all entities together."""
        return sum(self.entities.values(), BulkResult())


@define
class ImportCounter:
    """Counts up what a run does, to become its report."""

    entities: dict[str, BulkResult] = Factory(dict)
    notes: Counter[str] = field(factory=Counter)
    remarks: list[str] = field(factory=list)

    def add(self, entity: str, result: BulkResult) -> None:
        """Count rows of an entity class."""
        self.entities[entity] = self.entities.get(entity, BulkResult()) + result

    def report(self, rejections: Rejections) -> ImportReport:
        """Return what was counted; notes that were counted come first, each with its number."""
        counted = (f"{number:,} {note}" for note, number in self.notes.items() if number)
        return ImportReport(dict(self.entities), rejections.count, (*counted, *self.remarks))
