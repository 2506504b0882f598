"""The table of positions."""

from strongroom.domain.positions.position import Position, PositionStatus

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _has_one_holder(position: Position) -> bool:
    return (position.safe_id is None) != (position.wallet_id is None)


def _is_closed_without_shares(position: Position) -> bool:
    closed = position.closed_at is not None
    return (position.status is PositionStatus.CLOSED) == closed and (not closed or position.shares == 0)


POSITION = declare(
    Position,
    "nmt_position",
    repository="positions",
    owner=Owner.BACKEND,
    enums=ENUMS,
    foreign_keys=(
        foreign_key("nmt_position", "user_id", "user", OnDelete.RESTRICT),
        foreign_key("nmt_position", "wallet_id", "wallet", OnDelete.RESTRICT),
        foreign_key("nmt_position", "pool_id", "nmt_pool", OnDelete.RESTRICT),
        foreign_key("nmt_position", "safe_id", "safe_account", OnDelete.RESTRICT),
    ),
    checks=(
        Check("nmt_position_holder_check", "num_nonnulls(safe_id, wallet_id) = 1", _has_one_holder),
        Check(
            "nmt_position_closed_check",
            "(status = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL OR shares = 0)",
            _is_closed_without_shares,
        ),
    ),
    indexes=(
        ("user_id", "opened_at"),
        ("safe_id", "opened_at"),
        ("wallet_id", "opened_at"),
        ("pool_id", "opened_at"),
    ),
)
