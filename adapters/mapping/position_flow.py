"""The table of positions' flows."""

from typing import Final

from strongroom.domain.positions.position_flow import PositionFlow

from .enums import ENUMS
from .table import Check, OnDelete, Owner, Unique, constraint_name, declare, foreign_key


def _names_whole_log_or_none(flow: PositionFlow) -> bool:
    return len({part is None for part in (flow.chain_id, flow.transaction_hash, flow.log_index)}) == 1


_LOG: Final = ("chain_id", "transaction_hash", "log_index", "kind", "coin_id")

POSITION_FLOW = declare(
    PositionFlow,
    "nmt_position_flow",
    repository="position_flows",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(
        Unique(
            constraint_name("nmt_position_flow", _LOG, "key"),
            _LOG,
            where="transaction_hash IS NOT NULL",
            applies=lambda flow: flow.transaction_hash is not None,
        ),
    ),
    foreign_keys=(
        foreign_key("nmt_position_flow", "position_id", "nmt_position", OnDelete.RESTRICT),
        foreign_key("nmt_position_flow", "coin_id", "coin", OnDelete.RESTRICT),
    ),
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
