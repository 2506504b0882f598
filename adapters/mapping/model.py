"""Models: the tables that a storage holds, as a value; a model is a sum of extensions.

The platform's entities are one model, ``PLATFORM``; a service adds tables of its own, or has those alone. ::

    MODEL = PLATFORM + Extension("alerts", tables=[PRICE_ALERT], migrations=files("alerts") / "migrations")
    async with open_storage(url, model=MODEL) as storage:
        await storage.repository(PriceAlertRepository).find_by_user(user_id)
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from strongroom.domain.values.field_types import EnumMember
from strongroom.ports.errors import ModelInvalid

from .table import Table

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_RESERVED: Final = frozenset({"both", "backend", "frontend", "prisma", "public"})
_PARTITION: Final = re.compile(r"_(default|[0-9]{4}_(0[1-9]|1[0-2]))$")


def _tables(given: Iterable[Table]) -> tuple[Table, ...]:
    return tuple(given)


def _folder(given: "Path | Traversable | str | None") -> Path | None:
    return None if given is None else Path(str(given))


@frozen(eq=False)
class Extension:
    """Tables of one owner, and the folder of the migrations that make them (``NNNN_name.sql``).

    ``name`` is that of the history: a database keeps a record of its own for each, and headers of migrations name it
    (``-- requires: alerts/0002``). ``own_tables`` are storage's own, of no entity; ``prisma_migrations`` is a second
    folder, in Prisma's layout. Tables stand in the order in which the migrations create their foreign keys. Raises
    ModelInvalid.
    """

    name: str
    tables: tuple[Table, ...] = field(converter=_tables, kw_only=True)
    own_tables: tuple[Table, ...] = field(converter=_tables, default=(), kw_only=True)
    migrations: Path | None = field(converter=_folder, default=None, kw_only=True)
    prisma_migrations: Path | None = field(converter=_folder, default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in _RESERVED:
            message = (
                f"{self.name!r} cannot name an extension: lower case letters, digits and _ can, at most 31, not "
                f"{', '.join(sorted(_RESERVED))}"
            )
            raise ModelInvalid(message)
        for table in self.tables:
            if table.port is None:
                message = f"{table.label} has no repository: declare(…, repository=…Repository) names its port"
                raise ModelInvalid(message)

    def __repr__(self) -> str:
        return f"Extension({self.name!r})"


@frozen(init=False, hash=True)
class Model:
    """The tables that a storage holds: those of its extensions, in their order; equal if the extensions are the same.

    ``tables`` are in an order in which rows may be written: what a row refers to is of a table before its own, or of
    its own. ``creation_order`` is that of the foreign keys. ``views`` are materialized: read and refreshed.
    """

    extensions: tuple[Extension, ...]
    tables: tuple[Table, ...] = field(eq=False, repr=False)
    views: tuple[Table, ...] = field(eq=False, repr=False)
    own_tables: tuple[Table, ...] = field(eq=False, repr=False)
    creation_order: tuple[Table, ...] = field(eq=False, repr=False)
    enums: dict[str, type[Enum]] = field(eq=False, repr=False)
    """The enumerations that columns hold, by the names of their types."""
    _by_name: dict[str, Table] = field(eq=False, repr=False)
    _by_entity: dict[type[Any], Table] = field(eq=False, repr=False)
    _by_port: dict[Callable[..., Any], Table] = field(eq=False, repr=False)

    def __init__(self, *extensions: Extension) -> None:
        """Put extensions together. Raises ModelInvalid if two of them contradict each other, or a target is missing."""
        entities = [table for extension in extensions for table in extension.tables]
        own = tuple(table for extension in extensions for table in extension.own_tables)
        order = tuple(table for table in entities if not table.materialized)
        _require_distinct("extension", [extension.name for extension in extensions])
        _require_distinct("table", [table.name for table in (*entities, *own)])
        _require_distinct("entity", [table.label for table in entities])
        _require_distinct("repository", [table.repository for table in entities])
        _require_distinct("index", [unique.name for table in (*entities, *own) for unique in table.uniques])
        self.__attrs_init__(
            extensions=extensions,
            tables=_sort_by_references(order),
            views=tuple(table for table in entities if table.materialized),
            own_tables=own,
            creation_order=order,
            enums=_enums_of(entities),
            by_name={table.name: table for table in (*entities, *own)},
            by_entity={table.entity: table for table in (*entities, *own)},
            by_port={table.port: table for table in entities if table.port is not None},
        )

    def __add__(self, other: "Extension | Model") -> "Model":
        """Return a model of all extensions of both."""
        if isinstance(other, Extension):
            return Model(*self.extensions, other)
        return Model(*self.extensions, *(one for one in other.extensions if one not in self.extensions))

    @property
    def entities(self) -> tuple[Table, ...]:
        """The tables and the views: all that have a repository."""
        return (*self.tables, *self.views)

    def table_named(self, name: str) -> Table:
        """Return the table with a name; a partition's name (``price_2026_01``) gives its parent. Raises KeyError."""
        table = self._by_name.get(name) or self._by_name[_PARTITION.sub("", name)]
        if table.name != name and table.partitioned_by is None:
            raise KeyError(name)
        return table

    def table_of(self, entity: type[Any]) -> Table:
        """Return the table of an entity class. Raises KeyError."""
        return self._by_entity[entity]

    def table_behind(self, port: Callable[..., Any]) -> Table:
        """Return the table of a repository's port, a class. Raises ModelInvalid."""
        table = self._by_port.get(port)
        if table is None:
            message = (
                f"the model has no table of {getattr(port, '__name__', port)}: open the storage with "
                f"model=… + the extension that declares it"
            )
            raise ModelInvalid(message)
        return table


def _require_distinct(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            message = f"the {what} {name!r} stands twice in the model: give one of them another name"
            raise ModelInvalid(message)
        seen.add(name)


def _enums_of(tables: Iterable[Table]) -> dict[str, type[Enum]]:
    enums: dict[str, type[Enum]] = {}
    for table in tables:
        for column in table.columns:
            if isinstance(column.kind, EnumMember):
                name = str(column.enum_name)
                if enums.setdefault(name, column.kind.enum) is not column.kind.enum:
                    message = (
                        f"two enumerations are named {name}: give {table.label}'s another with declare(…, enums=…)"
                    )
                    raise ModelInvalid(message)
    return enums


def _sort_by_references(tables: Sequence[Table]) -> tuple[Table, ...]:
    ordered: list[Table] = []
    waiting = list(tables)
    known = {table.name for table in tables}
    for table in tables:
        for key in table.foreign_keys:
            if key.target not in known:
                message = (
                    f"{table.label} refers to {key.target}, of which the model has no table: add the extension that "
                    "declares it (the platform's entities are PLATFORM)"
                )
                raise ModelInvalid(message)
    while waiting:
        placed = {table.name for table in ordered}
        ready = next(table for table in waiting if {key.target for key in table.foreign_keys} <= {*placed, table.name})
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)
