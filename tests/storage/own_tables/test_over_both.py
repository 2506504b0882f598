"""Tables of a service's own behave in a storage as the platform's do, in both adapters."""

from decimal import Decimal
from typing import Any

import pytest

from strongroom import (
    AlreadyExists,
    InvalidValue,
    ModelInvalid,
    NotFound,
    ReferenceMissing,
    StaleVersion,
    StillReferenced,
    Storage,
    open_storage,
)
from strongroom.domain.accounts.user import User
from strongroom.domain.pricing.coin import Coin
from strongroom.ports.repositories.coin import CoinRepository
from strongroom.testing.factory import World


@pytest.fixture
def alerts(services: Any) -> Any:
    """The module of the price alerts' tables."""
    return services.alerts


@pytest.fixture
def todo(services: Any) -> Any:
    """The module of the to-do list's tables."""
    return services.todo


async def command(world: World, alerts: Any, **given: Any) -> Any:
    """Return a command for an alert whose user and coin are stored."""
    user, coin = await world.added(User), await world.added(Coin)
    values = {"user_id": user.id, "coin_id": coin.id, "direction": alerts.AlertDirection.ABOVE}
    return alerts.CreatePriceAlert(**{**values, "threshold_usd": Decimal(10), **given})


async def test_a_repository_is_found_by_its_port(with_alerts: Storage, alerts: Any) -> None:
    """``repository`` gives the storage's and the transaction's own, which the platform's attributes are, too."""
    given = await command(World(with_alerts), alerts)
    async with with_alerts.transaction() as transaction:
        created = await transaction.repository(alerts.PriceAlertRepository).create(given)
        assert transaction.repository(CoinRepository) is transaction.coins
    repository = with_alerts.repository(alerts.PriceAlertRepository)
    assert repository is with_alerts.repository(alerts.PriceAlertRepository)
    assert await repository.find_by_user(given.user_id) == [created]


async def test_an_unknown_port_is_named(with_todo: Storage, alerts: Any) -> None:
    """A port that the model has no table of raises ModelInvalid, which names it; the platform is not there."""
    with pytest.raises(ModelInvalid, match="PriceAlertRepository"):
        with_todo.repository(alerts.PriceAlertRepository)
    with pytest.raises(AttributeError, match="coins"):
        with_todo.coins  # noqa: B018 - reading the attribute is the test


async def test_rules_carry_the_names_that_are_derived(with_alerts: Storage, alerts: Any) -> None:
    """Foreign keys to the platform, unique keys and checks refuse in both adapters, under the same names."""
    world = World(with_alerts)
    repository = with_alerts.repository(alerts.PriceAlertRepository)
    given = await command(world, alerts)
    stored = await repository.create(given)
    with pytest.raises(AlreadyExists) as again:
        await repository.create(given)
    assert again.value.constraint == "price_alert_user_id_coin_id_direction_threshold_usd_key"
    with pytest.raises(ReferenceMissing) as missing:
        await repository.create(await command(world, alerts, coin_id=repository.next_id()))
    assert (missing.value.entity, missing.value.constraint) == ("PriceAlert", "price_alert_coin_id_fkey")
    with pytest.raises(InvalidValue) as early:
        await repository.update(alerts.PRICE_ALERT.replaced(stored, triggered_at=stored.created_at.replace(year=2000)))
    assert early.value.constraint == "price_alert_check"


async def test_a_removal_follows_references_from_own_tables(with_alerts: Storage, alerts: Any) -> None:
    """A coin with alerts stays; a user's alerts go along, unless the transaction is rolled back."""
    world = World(with_alerts)
    repository = with_alerts.repository(alerts.PriceAlertRepository)
    stored = await repository.create(await command(world, alerts))
    with pytest.raises(StillReferenced) as kept:
        await with_alerts.coins.remove(stored.coin_id)
    assert (kept.value.entity, kept.value.constraint) == ("PriceAlert", "price_alert_coin_id_fkey")
    with pytest.raises(KeyError):
        async with with_alerts.transaction() as transaction:
            await transaction.users.remove(stored.user_id)
            assert not await transaction.repository(alerts.PriceAlertRepository).exists(stored.id)
            raise KeyError
    assert await repository.exists(stored.id)
    await with_alerts.users.remove(stored.user_id)
    assert not await repository.exists(stored.id)


async def test_a_savepoint_undoes_what_is_written_to_both(with_alerts: Storage, alerts: Any) -> None:
    """What a savepoint wrote to a table of one's own and to the platform's is undone together."""
    given = await command(World(with_alerts), alerts)
    async with with_alerts.transaction() as transaction:
        with pytest.raises(AlreadyExists):
            async with transaction.transaction() as savepoint:
                await savepoint.repository(alerts.PriceAlertRepository).create(given)
                await savepoint.coins.add(await savepoint.coins.get(given.coin_id))
        assert await transaction.repository(alerts.PriceAlertRepository).count() == 0


async def test_a_model_without_the_platform_is_a_whole_storage(with_todo: Storage, todo: Any) -> None:
    """Versions, pages, streams, bulks and cascades work in tables that no entity of the platform stands beside."""
    world = World(with_todo)
    lists, items = with_todo.repository(todo.TodoListRepository), with_todo.repository(todo.TodoItemRepository)
    one = await world.added(todo.TodoList, title="errands")
    made = [todo.TodoItem(id=items.next_id(), list_id=one.id, title=f"{n}", position=n) for n in range(5)]
    assert (await items.bulk_upsert(made)).inserted == 5
    updated = await items.update(made[0])
    assert updated.version == 1
    with pytest.raises(StaleVersion):
        await items.update(made[0])
    page = await items.page(todo.BY_LIST, one.id, limit=2)
    following = await items.page(todo.BY_LIST, one.id, limit=2, after=page.next)
    assert [item.position for item in (*page.items, *following.items)] == [0, 1, 2, 3]
    assert [item.position async for item in items.stream(todo.BY_LIST, one.id, batch=2)] == [0, 1, 2, 3, 4]
    await lists.remove(one.id)
    assert await items.count() == 0
    with pytest.raises(NotFound):
        await items.get(made[1].id)


async def test_a_subclass_of_storage_has_typed_attributes(databases: dict[str, str], alerts: Any, kind: str) -> None:
    """What is opened as a subclass is one of it; an annotation that is no repository of the model is refused."""

    class AlertsStorage(Storage):
        price_alerts: Any

    class MisspeltStorage(Storage):
        price_alarms: Any

    url = "memory:" if kind == "memory" else databases["alerts"]
    options: dict[str, Any] = {"model": alerts.MODEL, "min_size": 0, "apply_migrations": False, "schema_check": "off"}
    async with open_storage(url, storage=AlertsStorage, **options) as storage:
        assert isinstance(storage, AlertsStorage)
        assert storage.price_alerts is storage.repository(alerts.PriceAlertRepository)
        assert await storage.coins.count() == 0
    with pytest.raises(ModelInvalid, match=r"MisspeltStorage\.price_alarms"):
        async with open_storage(url, storage=MisspeltStorage, **options):
            pass
