"""Calls of any repository, drawn in a small world: reads by any criteria, and every finder that a port declares."""

import inspect
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
from hypothesis import strategies as st

from strongroom.adapters.mapping.table import Table
from strongroom.domain.values.field_types import FieldType, FixedPoint, Integer
from strongroom.domain.values.fields import field_type_of
from strongroom.ports.criteria import Criteria, Filter, Operator, Order
from strongroom.ports.errors import StillReferenced
from strongroom.ports.repository import Creating, Repository
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.strategies import choices, rows
from strongroom.testing.values import acceptable_values, refused_values

MODEL: Final = model_under_test()

PAGES: Final = 6
AGES: Final = (timedelta(0), timedelta(microseconds=1), timedelta(days=1), timedelta(days=-1), timedelta(days=10_000))
ARGUMENTS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "max_age": st.sampled_from((None, *AGES)),
    "limit": st.sampled_from((1, 2, 3, 100, 0)),
    "after": st.sampled_from((None, None, None, (), (None,), (object(),), ("a", "b"))),
}
"""Arguments that mean the same in every finder."""
ENTITIES: Final = {table.entity for table in MODEL.entities}


@frozen
class Call:
    """One call of a repository's method; streams are read to their end."""

    repository: str
    method: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = attrs.Factory(dict)

    async def on(self, target: Any) -> Any:
        """Make the call on a storage or a transaction."""
        if self.method == "pages":
            return await self._pages(getattr(target, self.repository))
        if self.method == "remove_where":
            return await self._remove_where(getattr(target, self.repository))
        answer = getattr(getattr(target, self.repository), self.method)(*self.arguments, **self.named)
        if isinstance(answer, AsyncIterator):
            return [item async for item in answer]
        return await answer if isinstance(answer, Awaitable) else answer

    async def _remove_where(self, repository: Any) -> int:
        """Remove; which of several rows that are referred to is named, PostgreSQL does not promise."""
        try:
            removed: int = await repository.remove_where(*self.arguments)
        except StillReferenced as error:
            error.entity = error.constraint = None
            raise
        return removed

    async def _pages(self, repository: Any) -> list[Any]:
        pages, after = [], None
        for _ in range(PAGES):
            page = await repository.page(*self.arguments, **self.named, after=after)
            pages.append(page)
            after = page.next
            if after is None:
                break
        return pages

    def __str__(self) -> str:
        given = [repr(value) for value in self.arguments] + [f"{name}={value!r}" for name, value in self.named.items()]
        return f"{self.repository}.{self.method}({', '.join(given)})"


@cache
@st.composite
def reads(draw: st.DrawFn, table: Table) -> Call:
    """Reads of a table by key and by any criteria, sound and unsound."""
    method = draw(
        st.sampled_from(("find", "find_one", "count", "pages", "page", "stream", "get", "exists", "get_many"))
    )
    if method in ("get", "exists"):
        return Call(table.repository, method, (draw(keys(table)),))
    if method == "get_many":
        return Call(table.repository, method, (draw(st.lists(keys(table), max_size=4)),))
    criteria, values = draw(_criteria(table))
    named: dict[str, Any] = {}
    if method in ("page", "pages"):
        named["limit"] = draw(st.sampled_from((1, 2, 3, 100, 0)))
    if method == "page":
        named["after"] = draw(st.sampled_from((None, (), (None,), (object(),), ("a", "b"))))
    if method == "stream":
        named["batch"] = draw(st.sampled_from((1, 2, 1000)))
    return Call(table.repository, method, (criteria, *values), named)


@cache
@st.composite
def removals(draw: st.DrawFn, table: Table) -> Call:
    """Removals by any criteria."""
    criteria, values = draw(_criteria(table))
    return Call(table.repository, "remove_where", (criteria, *values))


@cache
def keys(table: Table) -> st.SearchStrategy[Any]:
    """Keys of a small world, few of them unsound."""
    parts = [st.sampled_from(choices(table, table.column(name))) for name in table.key]
    whole = parts[0] if len(parts) == 1 else st.tuples(*parts)
    unsound = st.sampled_from((None, (), "nonsense", ("a", "b")))
    return st.integers(0, 19).flatmap(lambda luck: unsound if luck == 19 else whole)


@cache
def finders(table: Table) -> st.SearchStrategy[Call]:
    """Calls of what a table's port declares beyond what all repositories do (finders, sums, creation), or reads."""
    own = [finder(table, name) for name in finder_names(table)]
    return st.one_of(*own) if own else reads(table)


@cache
def finder_names(table: Table) -> tuple[str, ...]:
    """Return the names of the methods that a table's port declares beyond what all repositories do."""
    port = cast("type[Any]", table.port)
    shared = {*vars(Repository), *vars(Creating)}
    return tuple(name for name in vars(port) if not name.startswith("_") and name not in shared)


@cache
def finder(table: Table, name: str) -> st.SearchStrategy[Call]:
    """Calls of one method that a table's port declares."""
    function = getattr(table.port, name)
    hints = get_type_hints(function)
    arguments, named = [], {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        strategy = _argument(table, parameter.name, hints[parameter.name])
        if parameter.default is not inspect.Parameter.empty:
            strategy = st.just(parameter.default) | strategy
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[parameter.name] = strategy
        else:
            arguments.append(strategy)
    return st.builds(
        Call, st.just(table.repository), st.just(name), st.tuples(*arguments), st.fixed_dictionaries(named)
    )


def _argument(table: Table, name: str, hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911
    columns = {column.name: column for column in table.columns}
    plain = _without_none(hint)
    if attrs.has(plain):
        return rows(MODEL.table_of(plain)) if plain in ENTITIES else _built(table, plain)
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    if name == "key":
        return keys(table)
    if plain is bool:
        return st.booleans()
    if name == "pairs":
        return st.lists(st.tuples(_argument(table, "coin_id", Any), _argument(table, "at", Any)), max_size=4)
    if name in columns:
        return _spoiled(choices(table, columns[name]), columns[name].kind)
    if get_origin(hint) is list or hasattr(get_origin(hint), "__iter__"):
        singular = name.removesuffix("es") if name.removesuffix("es") in columns else name.removesuffix("s")
        return st.lists(_argument(table, singular, get_args(hint)[0]), max_size=4)
    kind = _kind_of_hint(hint)
    if name.endswith("_id"):
        target = next((key.target for key in table.foreign_keys if name in key.fields), None)
        if target is not None:
            return _spoiled(choices(MODEL.table_named(target), MODEL.table_named(target).column("id")), kind)
    return _spoiled(acceptable_values(kind), kind)


def _built(table: Table, given: Any) -> st.SearchStrategy[Any]:
    """Commands and filters, their fields drawn one by one; what may be left out is, at times."""
    hints = get_type_hints(given)
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in attrs.fields(given):
        drawn = _argument(table, field.name, hints[field.name])
        may_be_left_out = field.default is not attrs.NOTHING and not isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]
        fields[field.name] = st.just(field.default) | drawn if may_be_left_out else drawn
    return st.builds(given, **fields)


def _without_none(hint: Any) -> Any:
    parts = [part for part in get_args(hint) if part is not type(None)]
    return parts[0] if type(None) in get_args(hint) else hint


def _kind_of_hint(hint: Any) -> FieldType:
    plain = _without_none(hint)
    if plain is Decimal:
        return FixedPoint(38, 18)
    if plain is int:
        return Integer(0, 2**63 - 1, 64)
    if isinstance(plain, type) and issubclass(plain, Enum):
        return field_type_of(plain)[0]
    return field_type_of(plain)[0]


def _spoiled(few: tuple[Any, ...], kind: FieldType) -> st.SearchStrategy[Any]:
    sound = st.sampled_from(few)
    return st.integers(0, 19).flatmap(lambda luck: st.sampled_from(refused_values(kind)) if luck == 19 else sound)


@cache
@st.composite
def _criteria(draw: st.DrawFn, table: Table) -> tuple[Criteria, list[Any]]:
    columns = st.sampled_from(table.columns)
    where: list[Filter] = []
    values: list[Any] = []
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))):
        column, operator = draw(columns), draw(st.sampled_from(Operator))
        where.append(Filter(column.name, operator))
        one: st.SearchStrategy[Any] = (
            st.none() | _spoiled(choices(table, column), column.kind)
            if draw(st.integers(0, 9)) == 9
            else (st.sampled_from(choices(table, column)))
        )
        if operator is Operator.IN:
            values.append(draw(st.lists(one, max_size=3)))
        elif operator.takes_value:
            values.append(draw(one))
    order = [
        Order(draw(columns).name, descending=draw(st.booleans())) for _ in range(draw(st.sampled_from((0, 1, 2, 3))))
    ]
    match draw(st.integers(0, 39)):
        case 0:
            where.append(Filter("nonsense", Operator.IS_NULL))
        case 1:
            order.append(Order("nonsense"))
        case 2:
            values.append(1)
    return Criteria(tuple(where), tuple(order)), values
