"""The table of pools' yields over time."""

from strongroom.domain.pricing.apy_history import ApyHistory

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _has_any_apy(history: ApyHistory) -> bool:
    return any(rate is not None for rate in (history.apy, history.apy_base, history.apy_reward))


APY_HISTORY = declare(
    ApyHistory,
    "apy_history",
    repository="apy_history",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id", "at"),
    foreign_keys=(foreign_key("apy_history", "pool_id", "nmt_pool", OnDelete.RESTRICT),),
    checks=(Check("apy_history_apy_check", "num_nonnulls(apy, apy_base, apy_reward) > 0", _has_any_apy),),
    partitioned_by="at",
)
