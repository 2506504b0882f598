"""The table of portfolios' daily snapshots."""

from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.ports.repositories.portfolio_snapshot import PortfolioSnapshotRepository

from .declaration import declare
from .table import OnDelete
from .user import USER

PORTFOLIO_SNAPSHOT = declare(
    PortfolioSnapshot,
    "portfolio_snapshot",
    repository=PortfolioSnapshotRepository,
    key=("user_id", "day"),
    references={"user_id": (USER, OnDelete.CASCADE)},
)
