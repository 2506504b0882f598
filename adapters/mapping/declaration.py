"""Declare tables: columns, range checks, enumerations and every name are derived from the entity's attrs class."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import CodeType, FunctionType, MappingProxyType
from typing import Any, Final

import attrs
from attrs import evolve, frozen

from strongroom.ports.criteria import Criteria
from strongroom.ports.errors import ModelInvalid, UnknownField

from .columns import Column, ColumnRule, columns_of
from .names import snake_case
from .queries import resolve
from .table import (
    MAX_IDENTIFIER_BYTES,
    Check,
    ForeignKey,
    Index,
    OnDelete,
    Owner,
    Table,
    Unique,
    constraint_name,
)

_NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")


@frozen
class Reference:
    """A reference to a table: to its key, unless ``fields`` names those of another unique key.

    ``to`` is the declared table. An entity class will do for one of the platform, and for the declared entity itself.
    """

    to: "Table | type[Any]"
    on_delete: OnDelete
    fields: tuple[str, ...] = ()
    name: str = ""


Fields = str | tuple[str, ...]
References = Mapping[Fields, Reference | tuple["Table | type[Any]", OnDelete]]


def unique(  # noqa: PLR0913 - all that a unique key may say
    *fields: str,
    where: str | None = None,
    applies: Callable[[Any], bool] | None = None,
    expression: str | None = None,
    transform: Callable[..., Any] | None = None,
    nulls_distinct: bool = True,
    name: str = "",
) -> Unique:
    """Declare a unique key over fields, named ``table_fields_key``, unless a name is given; see Unique."""
    return Unique(name, fields, where, applies, expression, transform, nulls_distinct)


def index(*fields: str, where: str | None = None, name: str = "") -> Index:
    """Declare an index over fields, named ``table_fields_idx``, unless a name is given; see Index."""
    return Index(name, fields, where)


def check(sql: str, holds: Callable[[Any], bool | None], *, name: str = "") -> Check:
    """Declare a rule on one row, named ``table_column_check`` if it names one column, else ``table_check``."""
    return Check(name, sql, holds)


def declare(  # noqa: PLR0913 - a declaration names all that a table has
    entity: type[Any],
    name: str = "",
    *,
    repository: type[Any] | None = None,
    attribute: str = "",
    owner: Owner = Owner.BACKEND,
    key: tuple[str, ...] = ("id",),
    references: References = _NOTHING,
    uniques: Sequence[Unique | tuple[str, ...]] = (),
    checks: Sequence[Check] = (),
    indexes: Sequence[Index | tuple[str, ...]] = (),
    enums: Mapping[type[Enum], str] = _NOTHING,
    defaults: Mapping[str, str] = _NOTHING,
    partitioned_by: str | None = None,
    immutable: str | None = None,
    materialized: bool = False,
    memory: str | None = None,
    postgres: str | None = None,
) -> Table:
    """Declare an entity's table.

    Columns and range checks come from the attrs class. Names are those that PostgreSQL and Prisma would give, of the
    table and its fields (an enumeration: of its class); a name that is given wins. ``repository`` is the port;
    ``attribute`` the name under which a storage has it (``price_alerts`` for PriceAlertRepository). A unique key or an
    index given as a tuple of fields is a plain one. ``defaults`` adds DEFAULT expressions to those of attrs defaults.
    ``memory`` and ``postgres`` name the repository's classes (``module:Class``) if the port has finders that it does
    not write out itself. Raises UnknownField for a field that the entity does not have, wherever it is named (also in
    a criteria that the port's finders use), and ModelInvalid for a declaration that contradicts itself.
    """
    if not attrs.has(entity):
        message = (
            f"{entity.__name__} is no attrs class: decorate it with @frozen(kw_only=True, field_transformer=checked)"
        )
        raise ModelInvalid(message)
    name = name or snake_case(entity.__name__)
    for identifier in (name, *enums.values()):
        _require_identifier(identifier)
    table = Table(
        entity=entity,
        name=name,
        port=repository,
        repository=attribute
        or (f"{snake_case(repository.__name__.removesuffix('Repository'))}s" if repository else ""),
        owner=owner,
        key=key,
        columns=columns_of(entity, enums, defaults),
        uniques=(),
        foreign_keys=(),
        checks=(),
        indexes=(),
        partitioned_by=partitioned_by,
        immutable=immutable,
        materialized=materialized,
        memory=memory,
        postgres=postgres,
    )
    for named in (key, defaults, (partitioned_by,) if partitioned_by else ()):
        for field in named:
            table.column(field)
    table = evolve(table, uniques=tuple(_uniques(table, uniques)), indexes=tuple(_indexes(table, indexes)))
    foreign_keys = tuple(_foreign_keys(table, references))
    table = evolve(table, foreign_keys=foreign_keys, checks=() if materialized else _checks(table, checks))
    _require_distinct_names(table)
    for place, criteria in criteria_of(repository) if repository else ():
        try:
            resolve(table, criteria)
        except UnknownField as error:
            message = f"{place}: {error}"
            raise UnknownField(message, entity=table.label) from None
    return table


def criteria_of(port: type[Any]) -> Iterator[tuple[str, Criteria]]:
    """Yield the criteria that a port's own methods name, each with the place: those of the module and of the class."""
    for name, member in vars(port).items():
        if isinstance(member, Criteria):
            yield f"{port.__name__}.{name}", member
        function = getattr(member, "__func__", member)
        if isinstance(function, FunctionType):
            for used in sorted(_global_names(function.__code__)):
                value = function.__globals__.get(used)
                if isinstance(value, Criteria):
                    yield f"{port.__name__}.{name}, {used}", value


def _global_names(code: CodeType) -> set[str]:
    """Return the names that a function, and those within it, may take from its module."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*map(_global_names, inner))


def _uniques(table: Table, given: Sequence[Unique | tuple[str, ...]]) -> Iterator[Unique]:
    yield Unique(
        constraint_name(table.name, table.key, "key") if table.materialized else f"{table.name}_pkey", table.key
    )
    for one in given:
        made = one if isinstance(one, Unique) else Unique("", one)
        for field in _some_fields(table, made.fields, "a unique key"):
            table.column(field)
        if (made.where is None) != (made.applies is None) or (made.expression is None) != (made.transform is None):
            message = (
                f"{table.label}: a partial unique key needs both where= (SQL) and applies= (the same in Python), one "
                "over an expression both expression= and transform="
            )
            raise ModelInvalid(message)
        yield made if made.name else evolve(made, name=constraint_name(table.name, made.fields, "key"))


def _indexes(table: Table, given: Sequence[Index | tuple[str, ...]]) -> Iterator[Index]:
    for one in given:
        made = one if isinstance(one, Index) else Index("", one)
        fields = [part.removesuffix(" DESC") for part in _some_fields(table, made.fields, "an index")]
        for field in fields:
            table.column(field)
        yield made if made.name else evolve(made, name=constraint_name(table.name, fields, "idx"))


def _some_fields(table: Table, fields: tuple[str, ...], what: str) -> tuple[str, ...]:
    if isinstance(fields, str) or not fields:
        message = f"{table.label}: {what} takes a tuple of fields, not {fields!r}"
        raise ModelInvalid(message)
    return fields


def _foreign_keys(table: Table, references: References) -> Iterator[ForeignKey]:
    for given, wanted in references.items():
        fields = (given,) if isinstance(given, str) else given
        reference = wanted if isinstance(wanted, Reference) else Reference(*wanted)
        target = table if reference.to is table.entity else _target(table, reference.to)
        target_fields = reference.fields or target.key
        columns = [table.column(field) for field in fields]
        targets = [target.column(field) for field in target_fields]
        target.unique_by(target_fields)
        if [column.type for column in columns] != [column.type for column in targets]:
            message = (
                f"{table.label}: {_typed(columns)} cannot refer to {target.label}: {_typed(targets)} is its key; "
                "name the fields of another unique key with Reference(…, fields=…)"
            )
            raise ModelInvalid(message)
        if reference.on_delete is OnDelete.SET_NULL and not all(column.optional for column in columns):
            message = f"{table.label}: {_typed(columns)} cannot be null, so OnDelete.SET_NULL cannot clear it"
            raise ModelInvalid(message)
        name = reference.name or constraint_name(table.name, fields, "fkey")
        yield ForeignKey(name, fields, target.name, target_fields, reference.on_delete)


def _typed(columns: Iterable[Column]) -> str:
    return ", ".join(f"{column.name} ({column.type})" for column in columns)


def _target(table: Table, to: "Table | type[Any]") -> Table:
    if isinstance(to, Table):
        return to
    from .platform import PLATFORM

    try:
        return PLATFORM.table_of(to)
    except KeyError:
        label = getattr(to, "__name__", to)
        message = (
            f"{table.label} refers to {label}, which is no entity of the platform: declare its table first, and refer "
            "to that value in place of the class"
        )
        raise ModelInvalid(message) from None


def _checks(table: Table, given: Sequence[Check]) -> tuple[Check, ...]:
    """Return the checks by name, those that the fields' types derive among them."""
    found = [
        Check(constraint_name(table.name, (column.name,), rule.suffix), rule.sql, _rule_check(column, rule))
        for column in table.columns
        for rule in column.rules()
    ]
    found += [one for one in given if one.name]
    for one in given:
        if not one.name:
            taken = {other.name for other in found}
            found.append(evolve(one, name=_check_name(table, one.sql, taken)))
    return tuple(sorted(found, key=lambda one: one.name))


def _check_name(table: Table, sql: str, taken: set[str]) -> str:
    """Return the name that PostgreSQL would choose for a rule: numbered from 1 if it is taken."""
    words = set(re.findall(r"\w+", sql))
    named = [column.name for column in table.columns if column.name in words]
    fields = named if len(named) == 1 else []
    suffixes = ("check", *(f"check{number}" for number in range(1, len(taken) + 1)))
    return next(name for suffix in suffixes if (name := constraint_name(table.name, fields, suffix)) not in taken)


def _rule_check(column: Column, rule: ColumnRule) -> Callable[[Any], bool | None]:
    return lambda entity: rule.holds(getattr(entity, column.name))


def _require_identifier(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name.encode()) > MAX_IDENTIFIER_BYTES:
        message = f"{name!r} is no name: lower case letters, digits and _ are, at most {MAX_IDENTIFIER_BYTES}"
        raise ModelInvalid(message)


def _require_distinct_names(table: Table) -> None:
    uniques = [part.name for part in table.uniques]
    rules = [part.name for part in table.foreign_keys] + [part.name for part in table.checks]
    for names in ([*uniques, *rules], [*uniques, *(part.name for part in table.indexes)]):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"{table.label}: two rules or indexes have the name {twice[0]}: give one of them another"
            raise ModelInvalid(message)
