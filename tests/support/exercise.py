"""Everything that a storage can be asked, once: every method of every repository, over every column and operator."""

from collections.abc import Awaitable
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from strongroom.adapters.mapping.queries import resolve
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.repositories import repository_classes
from strongroom.domain.errors import StrongroomError
from strongroom.ports.criteria import Criteria, Filter, Operator, Order
from strongroom.ports.errors import StorageError
from strongroom.ports.repository import Creating
from strongroom.ports.storage import Isolation
from strongroom.testing.differential.calls import Call, finder, finder_names
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

REFUSED: Final = (StrongroomError, ValueError)
"""What a call may answer whose arguments were drawn; what PostgreSQL did not understand is a StorageError itself."""


def finder_calls(times: int) -> list[Call]:
    """Return calls of every method that a port declares beyond what all repositories do, so many times each."""
    found: list[Call] = []
    each = st.tuples(*(finder(table, name) for table in MODEL.entities for name in finder_names(table)))

    @settings(max_examples=times, phases=[Phase.generate], database=None, derandomize=True, deadline=None)
    @given(each)
    def draw(calls: tuple[Call, ...]) -> None:
        found.extend(calls)

    draw()
    return found


def operations() -> list[tuple[str, str]]:
    """Return every operation that a port declares and that asks the database, with the repository that has it."""
    return [
        (table.repository, name)
        for table in MODEL.entities
        for name in dir(table.port)
        if not name.startswith("_") and callable(getattr(table.port, name)) and name not in vars(Creating)
    ]


def note_calls(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Return a set into which every operation of a repository over PostgreSQL goes when it is called."""
    called: set[tuple[str, str]] = set()

    def note(operation: tuple[str, str], method: Any) -> Any:
        def noted(*arguments: Any, **named: Any) -> Any:
            called.add(operation)
            return method(*arguments, **named)

        return noted

    classes = repository_classes(MODEL)
    for operation in operations():
        repository = classes[operation[0]]
        monkeypatch.setattr(repository, operation[1], note(operation, getattr(repository, operation[1])))
    return called


async def exercise(storage: Any, calls: list[Call]) -> None:
    """Call every method that all repositories have, over every column, and the calls given."""
    world = World(storage)
    for table in MODEL.tables:
        row = await world.added(table)
        await _read(world.repository(table), table, row)
        await _write(world, table, row)
    await storage.token_daily_values.refresh()
    for view in MODEL.views:
        repository = world.repository(view)
        for row in (await repository.find())[:1]:
            await _read(repository, view, row)
    for call in calls:
        await answer(call.on(storage))
    for isolation in Isolation:
        async with storage.transaction(isolation=isolation) as transaction, transaction.transaction() as nested:
            for table in MODEL.tables:
                assert await getattr(nested, table.repository).count() > 0
    await storage.ping()


async def answer(call: Awaitable[Any]) -> Any:
    """Await a call that may refuse its arguments."""
    try:
        return await call
    except REFUSED as error:
        if type(error) is StorageError:
            raise
        return None


async def _read(repository: Any, table: Table, row: Any) -> None:
    key = table.key_of(row)
    assert await repository.get(key) == row
    assert await repository.get_many([key, key]) == [row, row]
    assert await repository.exists(key)
    assert row in await repository.find()
    assert row in [found async for found in repository.stream(batch=1)]
    await _compare(repository, table, row)


async def _compare(repository: Any, table: Table, row: Any) -> None:
    """Filter by every operator that any column takes, and go on after a row in either order of all columns."""
    columns = [column for column in table.columns if column.is_comparable]
    given = [column for column in columns if getattr(row, column.name) is not None]
    where = [Filter(column.name, operator) for column in given for operator in Operator if operator.takes_value]
    values = [[getattr(row, one.field)] if one.operator is Operator.IN else getattr(row, one.field) for one in where]
    await repository.count(Criteria(where=tuple(where)), *values)
    await repository.find_one(Criteria(where=tuple(where)), *values)
    for descending in (False, True):
        criteria = Criteria(order=tuple(Order(column.name, descending=descending) for column in columns))
        await repository.page(criteria, after=resolve(table, criteria).cursor_of(row))
        await repository.page(Criteria(order=criteria.order[:1]), limit=1)


async def _write(world: World, table: Table, row: Any) -> None:
    repository, key = world.repository(table), table.key_of(row)
    others = await world.several(table, 2)
    last = await world.ready(table)
    for write in (repository.update, repository.upsert):
        await answer(write(row))
    for unique in table.uniques:
        by = unique.fields if unique.transform is None else None
        await answer(repository.bulk_add_missing([last, row], by=by))
        await answer(repository.bulk_upsert([row, last], by=by))
    async with world.storage.transaction() as transaction:
        assert await world.repository(table, transaction).lock(key) == await repository.get(key)
    await answer(repository.remove(table.key_of(others[0])))
    keys = tuple(Filter(name, Operator.EQ) for name in table.key)
    parts = others[1:] and [getattr(others[1], name) for name in table.key]
    await answer(repository.remove_where(Criteria(where=keys), *parts))
