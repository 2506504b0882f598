"""Build a service's objects with dependency-injector, from an open storage that the caller passes in.

A pool opens and closes asynchronously, which resolving a provider does not. So it is opened around the container::

    async with open_storage() as storage:
        container = Container(storage=providers.Object(storage))
        report = await container.report_portfolio(user_id)

A service inherits from Container, adds what is its own, and overrides per environment what it needs to::

    class Service(Container):
        notifier = providers.Singleton(MailNotifier)
        reminders = providers.Factory(Reminders, storage=Container.storage, notifier=notifier)
"""

from dependency_injector import containers, providers

from strongroom.ports.clock import Clock, IdSource, SystemClock, Uuid7Source
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.portfolio_report import report_portfolio
from strongroom.ports.use_cases.record_flow import record_flow
from strongroom.ports.use_cases.value_portfolio import value_portfolio

from .opening import open_storage


class Container(containers.DeclarativeContainer):
    """The storage, time, identity, and the use cases.

    ``opening`` gives what ``open_storage`` returns, with the container's clock and ids: to be entered once, at the
    start of the service. ``storage`` has to be provided; until it is, asking for it or for a use case raises.
    Calling a use case gives its coroutine; ``value_portfolio.provider`` is the function to inject elsewhere.
    """

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    ids: providers.Provider[IdSource] = providers.Singleton(Uuid7Source)
    opening = providers.Factory(open_storage, clock=clock, ids=ids)
    storage = providers.Dependency(instance_of=Storage)

    value_portfolio = providers.Callable(value_portfolio, storage)
    report_portfolio = providers.Callable(report_portfolio, storage)
    record_flow = providers.Callable(record_flow, storage)
