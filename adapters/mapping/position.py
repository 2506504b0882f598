"""The table of positions."""

from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.ports.repositories.position import PositionRepository

from .declaration import declare
from .pool import POOL
from .safe_account import SAFE_ACCOUNT
from .table import Check, OnDelete
from .user import USER
from .wallet import WALLET


def _has_one_holder(position: Position) -> bool:
    return (position.safe_id is None) != (position.wallet_id is None)


def _is_closed_without_shares(position: Position) -> bool:
    closed = position.closed_at is not None
    return (position.status is PositionStatus.CLOSED) == closed and (not closed or position.shares == 0)


POSITION = declare(
    Position,
    "nmt_position",
    repository=PositionRepository,
    references={
        "user_id": (USER, OnDelete.RESTRICT),
        "wallet_id": (WALLET, OnDelete.RESTRICT),
        "pool_id": (POOL, OnDelete.RESTRICT),
        "safe_id": (SAFE_ACCOUNT, OnDelete.RESTRICT),
    },
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
    memory="strongroom.adapters.memory.position:MemoryPositionRepository",
    postgres="strongroom.adapters.postgres.position:PostgresPositionRepository",
)
