"""Translate asyncpg's exceptions to the port's errors by SQLSTATE and attributes, never by message text."""

from typing import Any, Final, NoReturn

import asyncpg
from asyncpg import exceptions

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Table
from strongroom.domain.errors import InvalidValue, StrongroomError
from strongroom.ports.errors import (
    AlreadyExists,
    CommitUnknown,
    Conflict,
    ReadOnlyServer,
    ReadOnlyViolation,
    ReferenceMissing,
    SchemaMismatch,
    StatementTimeout,
    StillReferenced,
    StorageError,
    StorageFull,
    StorageUnavailable,
    TransactionAborted,
)

from .driver import is_lost
from .server_words import READ_ONLY_SERVER, last_words, server_words

_CONFLICTS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    exceptions.InvalidCachedStatementError,
    exceptions.OutdatedSchemaCacheError,
)
_INVALID_VALUES = (
    asyncpg.DataError,
    exceptions.DataError,
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.ProgramLimitExceededError,
)
_CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)

_NO_ANSWER = (TimeoutError, *_CONNECTION_LOST, OSError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def translate_error(  # noqa: C901, PLR0911, PLR0912, PLR0913 - a table: one case for each error
    error: Exception,
    table: Table | None,
    *,
    model: Model | None = None,
    removing: bool = False,
    key: Any = None,
    read_only: bool = False,
) -> Exception:
    """Return the port's error for one of asyncpg's; an error that is not of the database comes back as it is.

    ``table`` is the one that the statement is about; ``model`` has the entities of the others that an error may name.
    ``removing`` tells a removal from a write, ``key`` is the key of the row where there is just one, ``read_only``
    tells that the caller opened the transaction as a read-only one.
    """
    label = table.label if table else None
    match error:
        case StrongroomError():
            return error
        case asyncpg.IntegrityConstraintViolationError():
            return _constraint_error(error, *_entity_and_constraint(error, label, model), removing=removing, key=key)
        case asyncpg.NumericValueOutOfRangeError() if table is not None and table.versioned:
            return table.version_exhausted()  # what is given fits its columns: the encoder has seen to that
        case asyncpg.QueryCanceledError():
            message = (
                f"the statement ran into its time limit (statement_timeout), or was cancelled{server_words(error)}"
            )
            return StatementTimeout(message, entity=label)
        case asyncpg.InFailedSQLTransactionError():
            return transaction_aborted()
        case asyncpg.ReadOnlySQLTransactionError():
            if read_only:
                return ReadOnlyViolation("a write was tried in a read-only transaction", entity=label)
            return ReadOnlyServer(f"{READ_ONLY_SERVER}{server_words(error)}", entity=label)
        case asyncpg.InsufficientResourcesError():
            return _resource_error(error, label)
        case asyncpg.InsufficientPrivilegeError():
            message = f"the database's user lacks a privilege (SQLSTATE {error.sqlstate}): {error.message}"
            return StorageError(message, entity=label)
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError() | asyncpg.UndefinedObjectError():
            message = (
                f"the database lacks what the statement needs (SQLSTATE {error.sqlstate}): run 'strongroom migrate'"
            )
            return SchemaMismatch(message, entity=label)
        case _ if isinstance(error, _CONFLICTS):
            return Conflict("the transaction lost against a concurrent one: run it again", entity=label)
        case _ if isinstance(error, _INVALID_VALUES):
            return InvalidValue(label, reason="a value cannot be held by its column")
        case _ if isinstance(error, _NO_ANSWER):
            return StorageUnavailable(_describe_loss(error), entity=label)
        case asyncpg.ObjectNotInPrerequisiteStateError() if table is not None and table.materialized:
            return StorageError(f"the view {table.name} was never filled: refresh it first", entity=label)
        case asyncpg.PostgresError():
            return StorageError(f"PostgreSQL refused the statement{server_words(error)}", entity=label)
        case _:
            return error


def _constraint_error(
    error: asyncpg.IntegrityConstraintViolationError,
    where: str,
    constraint: str | None,
    *,
    removing: bool,
    key: Any,
) -> StorageError | InvalidValue:
    """Return the port's error for a constraint that refused a write."""
    match error:
        case asyncpg.UniqueViolationError():
            return AlreadyExists(where, constraint, key)
        case asyncpg.ForeignKeyViolationError():
            return StillReferenced(where, constraint) if removing else ReferenceMissing(where, constraint, key)
        case asyncpg.CheckViolationError():
            return InvalidValue(where, constraint=constraint, reason="the rule of the table does not hold")
        case asyncpg.NotNullViolationError():
            return InvalidValue(where, field=error.column_name, reason="null where a value is required")
    return StorageError(f"PostgreSQL refused the statement{server_words(error)}", entity=where)


def _resource_error(error: asyncpg.InsufficientResourcesError, label: str | None) -> StorageError:
    """Return the port's error for a server that has run out of something."""
    if isinstance(error, asyncpg.DiskFullError):
        return StorageFull(f"the server has no space left on its disk{server_words(error)}", entity=label)
    lacks = (
        "has no connection left"
        if isinstance(error, asyncpg.TooManyConnectionsError)
        else "lacks memory or another resource"
    )
    return StorageUnavailable(f"the server {lacks}{server_words(error)}", entity=label)


def _describe_loss(error: Exception) -> str:
    """Return why no answer comes from the server any more."""
    if isinstance(error, TimeoutError):
        return "the server did not answer within statement_timeout: the connection was given up"
    if isinstance(error, _CONNECTION_LOST):
        return f"the connection to the database was lost{last_words(error)}"
    return f"the connection to the database was {'lost' if isinstance(error, OSError) else 'closed'}"


def raise_translated(  # noqa: PLR0913 - what an error may need to be told of
    error: Exception,
    table: Table | None,
    *,
    model: Model | None = None,
    removing: bool = False,
    key: Any = None,
    read_only: bool = False,
    lost: bool = False,
    unknown: bool = False,
    transaction_id: int | None = None,
) -> NoReturn:
    """Raise the port's error for one of asyncpg's, with that as its cause; see ``translate_error``.

    ``lost`` says that the connection closed meanwhile: then whatever asyncpg stumbles over means that. ``unknown``
    says that a write, or the COMMIT of ``transaction_id``, was sent and not answered (see ``is_unanswered``).
    """
    told = translate_error(error, table, model=model, removing=removing, key=key, read_only=read_only)
    label = table.label if table else None
    if told is error and lost and not isinstance(error, StrongroomError):
        told = StorageUnavailable("the connection to the database was lost", entity=label)
    if unknown and isinstance(told, StorageUnavailable):
        message = f"{told}; whether the write was committed before that is not known"
        told = CommitUnknown(message, entity=label, transaction_id=transaction_id)
    if told is error:
        raise error
    raise told from error


UNREADABLE: Final = (ArithmeticError, LookupError, TypeError, ValueError)
"""What decoding a value raises that others stored and Python cannot hold."""


def is_unanswered(error: Exception, connection: "asyncpg.Connection[Any]") -> bool:
    """Return whether a statement that failed was sent, and not answered: the server may have run it to its end.

    An answer leaves the connection open. asyncpg raises InterfaceError before it sends anything.
    """
    if isinstance(error, asyncpg.InterfaceError) or is_client_error(error):
        return False
    return isinstance(error, TimeoutError) or is_lost(connection)


def is_client_error(error: BaseException) -> bool:
    """Say whether the client alone failed: it refused a value before it sent anything, or could not read an answer.

    What the server sends carries a severity.
    """
    if isinstance(error, asyncpg.DataError):
        return error.severity is None
    return isinstance(error, UNREADABLE) and not isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError)


def transaction_aborted() -> TransactionAborted:
    """Return the error of whatever is tried in a transaction after a statement of it was refused."""
    message = "an earlier statement of this transaction failed: leave it, or the savepoint around the failure"
    return TransactionAborted(message)


def _entity_and_constraint(
    error: asyncpg.PostgresError, label: str | None, model: Model | None
) -> tuple[str, str | None]:
    """Return the entity and the constraint that an error names; a partition's stand for its table's.

    ``label`` is the entity of the statement, for an error that names no table.
    """
    name, constraint = error.table_name, error.constraint_name  # type: ignore[attr-defined, unused-ignore]
    if name is None:
        return str(label), constraint
    if model is None:
        return name, constraint
    try:
        table = model.table_named(name)
    except KeyError:
        return name, constraint
    if constraint is not None and table.name != name and constraint.startswith(name):
        constraint = table.name + constraint.removeprefix(name)
    return table.label, constraint
