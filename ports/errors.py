"""The errors of storage: both adapters raise these and nothing else; each carries entity, constraint and key."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from strongroom.domain.errors import InvalidValue, StrongroomError

__all__ = [
    "AlreadyExists",
    "Applied",
    "CommitUnknown",
    "Conflict",
    "InvalidValue",
    "ModelInvalid",
    "NotFound",
    "PoolTimeout",
    "ReadOnlyServer",
    "ReadOnlyViolation",
    "ReferenceMissing",
    "SchemaMismatch",
    "StaleVersion",
    "StatementTimeout",
    "StillReferenced",
    "StorageClosed",
    "StorageError",
    "StorageFull",
    "StorageUnavailable",
    "TransactionAborted",
    "TransactionClosed",
    "UnknownField",
    "UnreadableRow",
    "WrongEventLoop",
]

Applied: TypeAlias = Literal["yes", "no", "unknown"]
"""Whether what raised an error was committed: an error is mostly raised because it was not."""


class StorageError(StrongroomError):
    """Root of the errors of storage.

    ``entity`` is the entity class's name, ``constraint`` the name of the key, foreign key or check that
    refused, ``key`` the key of the row asked for; each is None if it does not apply. ``applied`` says whether the
    statement or transaction that raised it was committed. ``retryable`` says that nothing was committed, and that
    the same again, from its beginning, may succeed.
    """

    retryable: bool = False
    applied: Applied = "no"

    def __init__(
        self,
        message: str,
        *,
        entity: str | None = None,
        constraint: str | None = None,
        key: Any = None,
    ) -> None:
        super().__init__(message)
        self.entity = entity
        self.constraint = constraint
        self.key = key


class NotFound(StorageError):
    """No row has the key that was asked for."""

    def __init__(self, entity: str, key: Any) -> None:
        super().__init__(f"no {entity} has the key {_key_text(key)}", entity=entity, key=key)


class AlreadyExists(StorageError):
    """A row with the same unique key is there already."""

    def __init__(self, entity: str, constraint: str | None, key: Any = None) -> None:
        super().__init__(f"a {entity} with the same {constraint} exists", entity=entity, constraint=constraint, key=key)


class ReferenceMissing(StorageError):
    """The row that a foreign key points to does not exist."""

    def __init__(self, entity: str, constraint: str | None, key: Any = None) -> None:
        message = f"{entity} refers to a row that does not exist ({constraint})"
        super().__init__(message, entity=entity, constraint=constraint, key=key)


class StillReferenced(StorageError):
    """The row cannot be removed: rows of ``entity`` refer to it by the foreign key ``constraint``."""

    def __init__(self, entity: str, constraint: str | None, key: Any = None) -> None:
        message = f"rows of {entity} still refer to it ({constraint})"
        super().__init__(message, entity=entity, constraint=constraint, key=key)


class StaleVersion(StorageError):
    """The row has changed since the version that the update was made from."""

    def __init__(self, entity: str, key: Any, version: int) -> None:
        message = f"{entity} {_key_text(key)} has changed since version {version}: read it again and repeat"
        super().__init__(message, entity=entity, key=key)
        self.version = version


class Conflict(StorageError):
    """The transaction lost against a concurrent one (serialization, deadlock); run again, it may succeed."""

    retryable = True


class TransactionAborted(StorageError):
    """An earlier statement of this transaction failed: it can only be left, or the savepoint around the failure."""


class TransactionClosed(StorageError):
    """The transaction has ended; its repositories cannot be used any more."""


class ReadOnlyViolation(StorageError):
    """A write was tried in a read-only transaction."""


class UnknownField(StorageError):
    """A filter, order or key names a field that the entity does not have, or that cannot be compared."""


class ModelInvalid(StorageError):
    """A declaration of tables contradicts itself, or another one."""


class UnreadableRow(StorageError):
    """A stored row holds a value that its entity cannot hold: another program wrote it.

    ``table`` and ``column`` say where it is, ``key`` is the row's key (the parts that cannot be read are text),
    ``value`` a short form of what is stored, ``reason`` what is wrong with it. All but ``table`` and ``reason`` are
    None if the row has changed before it could be found.
    """

    def __init__(  # noqa: PLR0913 - a row is named by all of these
        self,
        entity: str,
        table: str,
        *,
        key: Any = None,
        column: str | None = None,
        value: str | None = None,
        reason: str,
    ) -> None:
        where = table if key is None else f"{table} {_key_text(key)}"
        what = f"{column} is {value}: " if column else ""
        super().__init__(f"{where} cannot be read: {what}{reason}", entity=entity, key=key)
        self.table = table
        self.column = column
        self.value = value
        self.reason = reason


class StorageUnavailable(StorageError):
    """The store cannot be reached, refused the credentials, or went away.

    ``retryable`` is False if only a change of the address or the server can help.
    """

    retryable = True

    def __init__(self, message: str, *, entity: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message, entity=entity)
        if retryable is not None:
            self.retryable = retryable


class CommitUnknown(StorageUnavailable):
    """The answer to COMMIT, or to a write outside a transaction, was lost: it may be committed, or not.

    ``transaction_id`` is PostgreSQL's, if it was known before the loss; ``Storage.committed`` returns its outcome. Work
    that must not be done twice is not retried before the outcome is known.
    """

    retryable = False
    applied: Applied = "unknown"

    def __init__(self, message: str, *, entity: str | None = None, transaction_id: int | None = None) -> None:
        super().__init__(message, entity=entity)
        self.transaction_id = transaction_id


class StatementTimeout(StorageUnavailable):
    """A statement, or the work given to ``run``, took longer than its limit, and was undone."""


class StorageFull(StorageUnavailable):
    """The server has no space left: the statement was undone, and an operator has to free some."""

    retryable = False


class ReadOnlyServer(ReadOnlyViolation, StorageUnavailable):
    """The server takes no writes: it is a standby, or was set read-only.

    After a failover the next attempt may reach the primary.
    """

    retryable = True


class WrongEventLoop(StorageError):
    """The storage was opened in another event loop, and its connections belong to that one."""


class StorageClosed(StorageUnavailable):
    """The storage was closed."""

    retryable = False


class PoolTimeout(StorageUnavailable):
    """No connection became free within the acquire timeout; nothing was sent."""


class SchemaMismatch(StorageError):
    """The database's schema differs from the schema that this code expects."""


def _key_text(key: Any) -> str:
    return "(" + ", ".join(str(part) for part in key) + ")" if isinstance(key, tuple) else str(key)
