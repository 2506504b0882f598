"""A service puts itself together from the container, and overrides what differs between environments."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from attrs import define, field, frozen
from dependency_injector import errors, providers

from strongroom import FixedClock, SequentialIds, Storage
from strongroom.bootstrap.containers import Container
from strongroom.domain.positions.portfolio import Portfolio
from strongroom.ports.repositories.user import CreateUser

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@define
class Outbox:
    """Keeps what would be sent."""

    sent: list[str] = field(factory=list)


@frozen
class Statements:
    """An example of a service: tells users what they hold."""

    storage: Storage
    value_portfolio: Callable[[UUID], Awaitable[Portfolio]]
    outbox: Outbox

    async def send(self, user_id: UUID) -> None:
        user = await self.storage.users.get(user_id)
        portfolio = await self.value_portfolio(user_id)
        self.outbox.sent.append(f"{user.display_name}: {portfolio.value_usd} USD at {portfolio.at:%H:%M}")


class Service(Container):
    """The example's container: the platform's, and its own."""

    outbox = providers.Singleton(Outbox)
    statements = providers.Factory(
        Statements, storage=Container.storage, value_portfolio=Container.value_portfolio.provider, outbox=outbox
    )


async def test_one_service_runs_over_the_twin_and_over_postgresql(address: str) -> None:
    """Which storage it is decides whoever opens it; the service does not know."""
    service = Service(clock=providers.Object(FixedClock(NOON)), ids=providers.Singleton(SequentialIds))
    async with service.opening(address, min_size=1) as storage:
        service.storage.override(providers.Object(storage))
        user = await storage.users.create(CreateUser(display_name="Ada"))
        assert user.created_at == NOON
        await service.statements().send(user.id)
        assert service.outbox().sent == [f"Ada: {Decimal(0)} USD at 12:00"]
        assert (await service.report_portfolio(user.id)).portfolio == await service.value_portfolio(user.id)


async def test_a_test_overrides_one_part_and_gets_it_back() -> None:
    """An override ends with its block."""
    service = Service()
    other = Outbox(["before"])
    with service.outbox.override(providers.Object(other)):
        assert service.outbox() is other
    assert service.outbox() is not other


async def test_a_container_without_storage_raises() -> None:
    """The storage is never made by the container: it is handed in, open."""
    with pytest.raises(errors.Error, match="storage"):
        Container().storage()


async def test_the_storage_provider_must_be_a_storage() -> None:
    """Anything else is refused when it is asked for."""
    with pytest.raises(errors.Error):
        Container(storage=providers.Object("postgresql://not/opened")).storage()
