"""Tables: an entity class with its keys, foreign keys, checks and indexes, named as PostgreSQL names them."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from attrs import Factory, field, frozen

from strongroom.domain.values.field_types import Integer, JsonObject, Text, Uuid
from strongroom.ports.errors import InvalidValue, UnknownField

from .columns import Column
from .hydration import Hydrator, compile_hydrator
from .names import KEEP_VERSIONS, own_name

MAX_IDENTIFIER_BYTES: Final = 63
MAX_VERSION: Final = 2**31 - 1
MAX_INDEXED_BYTES: Final = 2560
"""How many bytes the texts of one index entry may have: a B-tree of PostgreSQL holds 2704 with all that goes along."""


class Owner(Enum):
    """Which of the two migration systems owns a table."""

    BACKEND = "backend"
    FRONTEND = "frontend"


class OnDelete(Enum):
    """What happens to the rows that refer to a row that is removed."""

    CASCADE = "CASCADE"
    RESTRICT = "RESTRICT"
    SET_NULL = "SET NULL"


@frozen(eq=False)
class Unique:
    """A unique key: its fields, and where it is partial or over an expression, that as SQL and as a function.

    A row with a null among the fields conflicts with none, unless nulls are not distinct. ``transform`` takes the
    fields' values, one argument each, and returns what must be unique; ``applies`` says whether a row is within a
    partial key.
    """

    name: str
    """An empty one is derived from the table and the fields as the table is declared."""
    fields: tuple[str, ...]
    where: str | None = None
    applies: Callable[[Any], bool] | None = None
    expression: str | None = None
    transform: Callable[..., Any] | None = None
    nulls_distinct: bool = True


@frozen(eq=False)
class ForeignKey:
    """A reference from fields to the key, or another unique key, of a table."""

    name: str
    fields: tuple[str, ...]
    target: str
    target_fields: tuple[str, ...]
    on_delete: OnDelete


@frozen(eq=False)
class Check:
    """A rule on one row, as SQL and as a function; null (None) passes, as in SQL."""

    name: str
    """An empty one is derived from the table and the column that the rule names, as PostgreSQL does."""
    sql: str
    holds: Callable[[Any], bool | None]


@frozen(eq=False)
class Index:
    """An index that finders rely on; a field ending in `` DESC`` is descending."""

    name: str
    """An empty one is derived from the table and the fields as the table is declared."""
    fields: tuple[str, ...]
    where: str | None = None


@frozen(eq=False)
class Table:
    """What PostgreSQL holds of an entity class; see ``declare``."""

    entity: type[Any]
    name: str
    port: type[Any] | None
    """The repository's port; None for a table of storage's own."""
    repository: str
    """The name by which a storage gives the repository as an attribute, and files and reports name it."""
    owner: Owner
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    uniques: tuple[Unique, ...]
    foreign_keys: tuple[ForeignKey, ...]
    checks: tuple[Check, ...]
    indexes: tuple[Index, ...]
    partitioned_by: str | None = None
    immutable: str | None = None
    """The name of the rule that refuses every UPDATE, or None."""
    materialized: bool = False
    """Whether the rows are those of a materialized view: read only, and as old as its last refresh."""
    memory: str | None = None
    """The repository's class of the twin, as ``module:Class``, if the port has finders that only an adapter answers."""
    postgres: str | None = None
    """The same over PostgreSQL."""
    hydrate: Hydrator[Any] = field(
        init=False, repr=False, default=Factory(lambda self: compile_hydrator(self.entity), takes_self=True)
    )
    """Builds an entity from a row of stored values, without checking them again."""
    key_of: Callable[[Any], Any] = field(
        init=False, repr=False, default=Factory(lambda self: attrgetter(*self.key), takes_self=True)
    )
    """Returns an entity's key: a value, or a tuple where the key has several fields."""
    values_of: Callable[[Any], tuple[Any, ...]] = field(
        init=False,
        repr=False,
        default=Factory(lambda self: attrgetter(*(column.name for column in self.columns)), takes_self=True),
    )
    """Returns an entity's values in the order of the columns."""

    @property
    def label(self) -> str:
        """The entity's name, as errors carry it."""
        return self.entity.__name__

    @property
    def sql_name(self) -> str:
        """The table's name as a statement writes it, with its schema."""
        return own_name(self.name)

    @property
    def key_name(self) -> str:
        """The name of the primary key."""
        return self.primary_key.name

    @property
    def primary_key(self) -> Unique:
        """The primary key as a unique key."""
        return self.uniques[0]

    @cached_property
    def versioned(self) -> bool:
        """Whether updates check and raise a version; a text of that name is no such version."""
        return any(column.name == "version" and isinstance(column.kind, Integer) for column in self.columns)

    @cached_property
    def keyed_by_uuid(self) -> bool:
        """Whether the key is one UUID."""
        return len(self.key) == 1 and isinstance(self.column(self.key[0]).kind, Uuid)

    @cached_property
    def has_json(self) -> bool:
        """Whether a column holds JSON, which Python cannot freeze."""
        return any(isinstance(column.kind, JsonObject) for column in self.columns)

    @cached_property
    def max_bytes(self) -> dict[str, int]:
        """How many bytes a text may have, by field: those of the keys and indexes, which hold no longer ones.

        The texts of one index share what it holds; one of which an expression is indexed counts twice.
        """
        limits: dict[str, int] = {}
        entries = [(unique.fields, unique.expression is not None) for unique in self.uniques]
        entries += [(tuple(name.removesuffix(" DESC") for name in index.fields), False) for index in self.indexes]
        for fields, is_expression in entries:
            texts = [column.name for column in self.columns if column.name in fields and type(column.kind) is Text]
            for name in texts:
                share = MAX_INDEXED_BYTES // (len(texts) * (1 + is_expression))
                limits[name] = min(share, limits.get(name, share))
        return limits

    @cached_property
    def bookkeeping(self) -> tuple[str, ...]:
        """The fields that storage keeps itself and that make no row different."""
        names = ("created_at", "updated_at", *(("version",) if self.versioned else ()))
        return tuple(column.name for column in self.columns if column.name in names)

    def next_version(self, version: int) -> int:
        """Return the version after one. Raises InvalidValue naming the field if its column holds no higher one."""
        if version >= MAX_VERSION:
            raise self.version_exhausted()
        return version + 1

    def version_exhausted(self) -> InvalidValue:
        """Return the error of a row that has had all versions that its column holds."""
        reason = f"the row has had all versions up to {MAX_VERSION}: SET {KEEP_VERSIONS} = on, and set it to 1"
        return InvalidValue(self.label, field="version", reason=reason)

    def column(self, name: str) -> Column:
        """Return the column of a field. Raises UnknownField."""
        for column in self.columns:
            if column.name == name:
                return column
        names = [column.name for column in self.columns]
        close = get_close_matches(name, names, n=1)
        meant = f": did you mean {close[0]!r}? It" if close else ": it"
        message = f"{self.label} has no field {name!r}{meant} has {', '.join(names)}"
        raise UnknownField(message, entity=self.label)

    def unique_by(self, fields: tuple[str, ...] | None) -> Unique:
        """Return the unique key over exactly the fields (the primary key for None). Raises UnknownField."""
        for unique in self.uniques:
            if fields is None or (unique.fields == fields and unique.transform is None):
                return unique
        message = f"{self.label} has no unique key over {', '.join(fields or ())}"
        raise UnknownField(message, entity=self.label)

    def checked_key(self, key: Any) -> tuple[Any, ...]:
        """Return a key's values, cleaned and checked, as a tuple. Raises InvalidValue."""
        if type(key) is UUID and self.keyed_by_uuid:
            return (key,)
        parts = (key,) if len(self.key) == 1 else key
        if type(parts) is not tuple or len(parts) != len(self.key):
            reason = f"the key is ({', '.join(self.key)}), but {key!r} was given"
            raise InvalidValue(self.label, reason=reason)
        return tuple(self.checked_value(self.column(name), part) for name, part in zip(self.key, parts, strict=True))

    def checked_value(self, column: Column, value: Any) -> Any:
        """Return a value to look for in a column, cleaned. Raises InvalidValue."""
        cleaned = column.kind.clean(value)
        problem = column.kind.validate(cleaned)
        if problem:
            raise InvalidValue(self.label, field=column.name, reason=problem)
        return cleaned

    def check(self, entity: Any) -> None:
        """Check that an entity's values can be written at all. Raises InvalidValue naming the field, TypeError.

        Refuses here what no statement could carry: wrong types, times without a zone, NUL characters, numbers that
        the column cannot hold. What the table's own rules refuse is left to them.
        """
        if type(entity) is not self.entity:
            message = f"a {self.label} is expected, not a {type(entity).__name__}"
            raise TypeError(message)
        for column in self.columns:
            value = getattr(entity, column.name)
            problem = column.encoding_error(value)
            limit = self.max_bytes.get(column.name)
            if not problem and limit is not None and value is not None and len(value.encode()) > limit:
                problem = f"{len(value.encode())} bytes where an index holds at most {limit}"
            if problem:
                raise InvalidValue(self.label, field=column.name, reason=problem)

    def stored(self, entity: Any) -> Any:
        """Return an entity as PostgreSQL gives it back: numerics rounded to their places, times in UTC, JSON normal."""
        for name, form in self._stored_forms:
            value = getattr(entity, name)
            if value is not None and form(value) is not value:
                break
        else:
            return entity
        forms = dict(self._stored_forms)
        return self.hydrate(
            [
                forms[column.name](value) if column.name in forms and value is not None else value
                for column, value in zip(self.columns, self.values_of(entity), strict=True)
            ]
        )

    def replaced(self, entity: Any, **changes: Any) -> Any:
        """Return an entity with some fields changed, without checking them."""
        names = (column.name for column in self.columns)
        return self.hydrate([changes[name] if name in changes else getattr(entity, name) for name in names])

    @cached_property
    def _stored_forms(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        forms = ((column.name, column.stored_form()) for column in self.columns)
        return tuple((name, form) for name, form in forms if form)


def constraint_name(table: str, fields: Iterable[str], suffix: str) -> str:
    """Return ``table_field_suffix``, cut to 63 bytes before the suffix, as Prisma names constraints and indexes."""
    stem = "_".join((table, *fields)).encode()[: MAX_IDENTIFIER_BYTES - len(suffix) - 1].decode(errors="ignore")
    return f"{stem}_{suffix}"


def version_trigger_names(table: Table) -> tuple[str, str]:
    """Return the names of the function and the trigger that raise the version of a row that others change."""
    function = f"raise_version_{table.name}".encode()[:MAX_IDENTIFIER_BYTES].decode(errors="ignore")
    return function, constraint_name(table.name, (), "version")
