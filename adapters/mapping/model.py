"""Models: the tables that a storage holds, as a value; a model is a sum of extensions.

The platform's entities are one model, ``PLATFORM``; a service adds tables of its own, or has those alone. ::

    MODEL = PLATFORM + Extension("alerts", tables=[PRICE_ALERT], migrations=files("alerts") / "migrations")
    async with open_storage(url, model=MODEL) as storage:
        await storage.repository(PriceAlertRepository).find_by_user(user_id)
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import cached_property
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


@frozen(init=False)
class Model:
    """The tables that a storage holds: those of its extensions; equal to another model of the same extensions."""

    extensions: tuple[Extension, ...]

    def __init__(self, *extensions: Extension) -> None:
        """Put extensions together. Raises ModelInvalid if two of them contradict each other, or a target is missing."""
        object.__setattr__(self, "extensions", extensions)
        _require_distinct("extension", [extension.name for extension in extensions])
        _require_distinct("table", [table.name for table in (*self.entities, *self.own_tables)])
        _require_distinct("entity", [table.label for table in self.entities])
        _require_distinct("repository", [table.repository for table in self.entities])
        uniques = [unique.name for table in (*self.entities, *self.own_tables) for unique in table.uniques]
        _require_distinct("unique key", uniques)
        _ = self.enums

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in an order in which rows may be written: what a row refers to is of a table before its own."""
        return _sort_by_references(self.creation_order)

    @cached_property
    def views(self) -> tuple[Table, ...]:
        """The materialized views, which are read and refreshed."""
        return tuple(table for extension in self.extensions for table in extension.tables if table.materialized)

    @cached_property
    def entities(self) -> tuple[Table, ...]:
        """The tables and the views: all that have a repository."""
        return (*self.tables, *self.views)

    @cached_property
    def own_tables(self) -> tuple[Table, ...]:
        """Storage's own tables, of no entity."""
        return tuple(table for extension in self.extensions for table in extension.own_tables)

    @cached_property
    def creation_order(self) -> tuple[Table, ...]:
        """The tables in the order in which the migrations create their foreign keys."""
        return tuple(table for extension in self.extensions for table in extension.tables if not table.materialized)

    @cached_property
    def enums(self) -> dict[str, type[Enum]]:
        """The enumerations that columns hold, by the names of their types."""
        return _enums_of(self.entities)

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {table.name: table for table in (*self.entities, *self.own_tables)}

    @cached_property
    def _by_entity(self) -> dict[type[Any], Table]:
        return {table.entity: table for table in (*self.entities, *self.own_tables)}

    @cached_property
    def _by_port(self) -> dict[Callable[..., Any], Table]:
        return {table.port: table for table in self.entities if table.port is not None}

    def __add__(self, other: "Extension | Model") -> "Model":
        """Return a model of all extensions of both."""
        if isinstance(other, Extension):
            return Model(*self.extensions, other)
        return Model(*self.extensions, *(one for one in other.extensions if one not in self.extensions))

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
