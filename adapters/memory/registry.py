"""The repositories of the twin, by their attribute of the storage."""

from typing import Any, Final, cast

from strongroom.adapters.mapping.registry import TABLES, VIEWS
from strongroom.ports.storage import repository_ports

from .apy_history import MemoryApyHistoryRepository
from .balance_change import MemoryBalanceChangeRepository
from .chat import MemoryChatRepository
from .position import MemoryPositionRepository
from .position_valuation import MemoryPositionValuationRepository
from .price import MemoryPriceRepository
from .repository import MemoryRepository
from .safe_account import MemorySafeAccountRepository
from .token_daily_value import MemoryTokenDailyValueRepository
from .user import MemoryUserRepository

_CUSTOM: Final[dict[str, type[Any]]] = {
    "users": MemoryUserRepository,
    "positions": MemoryPositionRepository,
    "position_valuations": MemoryPositionValuationRepository,
    "prices": MemoryPriceRepository,
    "apy_history": MemoryApyHistoryRepository,
    "balance_changes": MemoryBalanceChangeRepository,
    "chats": MemoryChatRepository,
    "safes": MemorySafeAccountRepository,
    "token_daily_values": MemoryTokenDailyValueRepository,
}


def _make_repository(attribute: str, port: type[Any]) -> type[Any]:
    """Return a repository whose finders are all written in its port."""
    table = next(table for table in (*TABLES, *VIEWS) if table.repository == attribute)
    return cast("type[Any]", type(f"Memory{port.__name__}", (MemoryRepository, port), {"table": table}))


REPOSITORIES: Final[dict[str, type[Any]]] = {
    attribute: _CUSTOM.get(attribute) or _make_repository(attribute, port)
    for attribute, port in repository_ports().items()
}
