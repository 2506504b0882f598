"""The repositories over PostgreSQL, by their attribute of the storage."""

from typing import Any, Final, cast

from strongroom.adapters.mapping.registry import TABLES, VIEWS
from strongroom.ports.storage import repository_ports

from .apy_history import PostgresApyHistoryRepository
from .balance_change import PostgresBalanceChangeRepository
from .chat import PostgresChatRepository
from .position import PostgresPositionRepository
from .position_valuation import PostgresPositionValuationRepository
from .price import PostgresPriceRepository
from .repository import PostgresRepository
from .safe_account import PostgresSafeAccountRepository
from .token_daily_value import PostgresTokenDailyValueRepository
from .user import PostgresUserRepository

_CUSTOM: Final[dict[str, type[Any]]] = {
    "users": PostgresUserRepository,
    "positions": PostgresPositionRepository,
    "position_valuations": PostgresPositionValuationRepository,
    "prices": PostgresPriceRepository,
    "apy_history": PostgresApyHistoryRepository,
    "balance_changes": PostgresBalanceChangeRepository,
    "chats": PostgresChatRepository,
    "safes": PostgresSafeAccountRepository,
    "token_daily_values": PostgresTokenDailyValueRepository,
}


def _make_repository(attribute: str, port: type[Any]) -> type[Any]:
    """Return a repository whose finders are all written in its port."""
    table = next(table for table in (*TABLES, *VIEWS) if table.repository == attribute)
    return cast("type[Any]", type(f"Postgres{port.__name__}", (PostgresRepository, port), {"table": table}))


REPOSITORIES: Final[dict[str, type[Any]]] = {
    attribute: _CUSTOM.get(attribute) or _make_repository(attribute, port)
    for attribute, port in repository_ports().items()
}
