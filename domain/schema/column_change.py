"""Changes of a column that break nobody: in steps, with a period in which readers and writers of either form work."""

from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Final

from attrs import frozen

from ..errors import InvalidValue, StrongroomError

MAX_NAME_BYTES: Final = 63
VALUE_PLACEHOLDER: Final = "{}"
"""Where a conversion has the column's value."""


class Phase(Enum):
    """The two ends of a change: what begins the period in which both forms work, and what ends it."""

    EXPAND = "expand"
    CONTRACT = "contract"


class ColumnChangeRefused(StrongroomError):
    """A change that cannot be made without breaking somebody, or that cannot be carried over whole."""


class ChangeKind(Enum):
    """What becomes of a column."""

    RENAME = "rename"
    TYPE = "type"
    DROP = "drop"
    NOT_NULL = "not-null"


@frozen(kw_only=True)
class Target:
    """A column of a table."""

    schema: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}.{self.column}"

    @property
    def becomes(self) -> str | None:
        """The name of the column that takes its place, where one does."""
        return None

    @property
    def trigger(self) -> str:
        """The name of the trigger that keeps both forms in step: the last in the order in which triggers fire."""
        return truncate_name("_".join(filter(None, ("zz_in_step", self.column, self.becomes))))

    @property
    def function(self) -> str:
        """The name of the trigger's function."""
        return truncate_name("_".join(filter(None, (self.table, self.column, self.becomes, "in_step"))))

    @property
    def not_null_check(self) -> str:
        """The name of the check that proves that the column, or what takes its place, has no null."""
        return truncate_name(f"{self.table}_{self.becomes or self.column}_not_null")


@frozen(kw_only=True)
class OpenChange(Target):
    """A change whose period the contract tells of: both forms work, until the day it is to be over by."""

    kind: ChangeKind
    expires: date
    to: str | None = None

    @property
    def becomes(self) -> str | None:
        """The name of the column that takes its place, where one does."""
        return self.to


@frozen(kw_only=True)
class RenameOrRetype(Target):
    """A column that goes on under another name, and as another type where one is given.

    ``forth`` makes the new value of the old, ``back`` the old of the new; both hold ``{}`` where the value stands, and
    are casts unless they are given.
    """

    new: str
    type: str | None = None
    forward_sql: str | None = None
    backward_sql: str | None = None

    @property
    def becomes(self) -> str:
        """The name of the column that takes its place."""
        return self.new

    def __attrs_post_init__(self) -> None:
        for field in ("forward_sql", "backward_sql"):
            given = getattr(self, field)
            if given is not None and VALUE_PLACEHOLDER not in given:
                example = f"lower({VALUE_PLACEHOLDER})"
                reason = (
                    f"{given!r} says nowhere where the value stands: write {VALUE_PLACEHOLDER} there, as in {example}"
                )
                raise InvalidValue("RenameOrRetype", field=field, reason=reason)
        if not self.new or self.new == self.column or len(self.new.encode()) > MAX_NAME_BYTES:
            reason = (
                f"{self.new!r} is no new name for {self.column}: it needs another one, up to {MAX_NAME_BYTES} bytes"
            )
            raise InvalidValue("RenameOrRetype", field="new", reason=reason)


@frozen(kw_only=True)
class DropColumn(Target):
    """A column that goes; ``fill`` is what rows have that are written without it while others still read it."""

    fill: str | None = None


@frozen(kw_only=True)
class SetNotNull(Target):
    """A column that takes no null any more; ``fill`` is what stands for null, stored or written."""

    fill: str


ColumnChange = RenameOrRetype | DropColumn | SetNotNull


@frozen(kw_only=True)
class Step:
    """One migration of a change: the words of its name, what it is for, and its statements.

    Without a transaction each statement is run on its own, and may be run again.
    """

    name: str
    purpose: str
    statements: tuple[str, ...]
    in_transaction: bool = True


def counterpart(name: str, old: str, new: str) -> str:
    """Return the name that an index or constraint has when a column is renamed: the new word where the old stood.

    Names are made of words between underscores, ``coin_symbol_idx``; one without the column's gets the new one behind.
    """
    padded, word = f"_{name}_", f"_{old}_"
    if word not in padded:
        return truncate_name(f"{name}_{new}")
    return truncate_name(padded.replace(word, f"_{new}_", 1)[1:-1])


def is_named_independently(name: str, old: str) -> bool:
    """Say whether a name tells nothing of a column, so that it stays when the column is renamed."""
    return f"_{old}_" not in f"_{name}_"


def truncate_name(name: str) -> str:
    """Return a name that PostgreSQL keeps whole: one that is too long ends in a digest of itself."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: MAX_NAME_BYTES - 9].decode(errors="ignore") + "_" + digest
