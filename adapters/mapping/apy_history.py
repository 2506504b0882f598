"""The table of pools' yields over time."""

from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.ports.repositories.apy_history import ApyHistoryRepository

from .declaration import declare
from .pool import POOL
from .table import Check, OnDelete


def _has_any_apy(history: ApyHistory) -> bool:
    return any(rate is not None for rate in (history.apy, history.apy_base, history.apy_reward))


APY_HISTORY = declare(
    ApyHistory,
    "apy_history",
    repository=ApyHistoryRepository,
    attribute="apy_history",
    key=("pool_id", "at"),
    references={"pool_id": (POOL, OnDelete.RESTRICT)},
    checks=(Check("apy_history_apy_check", "num_nonnulls(apy, apy_base, apy_reward) > 0", _has_any_apy),),
    partitioned_by="at",
    memory="strongroom.adapters.memory.apy_history:MemoryApyHistoryRepository",
    postgres="strongroom.adapters.postgres.apy_history:PostgresApyHistoryRepository",
)
