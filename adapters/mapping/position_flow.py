"""The table of positions' flows."""

from typing import Final

from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.ports.repositories.position_flow import PositionFlowRepository

from .coin import COIN
from .declaration import declare, unique
from .position import POSITION
from .table import Check, OnDelete


def _names_whole_log_or_none(flow: PositionFlow) -> bool:
    return len({part is None for part in (flow.chain_id, flow.transaction_hash, flow.log_index)}) == 1


_LOG: Final = ("chain_id", "transaction_hash", "log_index", "kind", "coin_id")

POSITION_FLOW = declare(
    PositionFlow,
    "nmt_position_flow",
    repository=PositionFlowRepository,
    uniques=(
        unique(
            *_LOG,
            where="transaction_hash IS NOT NULL",
            applies=lambda flow: flow.transaction_hash is not None,
        ),
    ),
    references={
        "position_id": (POSITION, OnDelete.RESTRICT),
        "coin_id": (COIN, OnDelete.RESTRICT),
    },
    checks=(
        Check(
            "nmt_position_flow_transaction_check",
            "num_nonnulls(chain_id, transaction_hash, log_index) IN (0, 3)",
            _names_whole_log_or_none,
        ),
    ),
    indexes=(("position_id", "at"), ("coin_id",)),
    immutable="nmt_position_flow_immutable",
)
