"""The table of portfolios' daily snapshots."""

from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

PORTFOLIO_SNAPSHOT = declare(
    PortfolioSnapshot,
    "portfolio_snapshot",
    repository="portfolio_snapshots",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("user_id", "day"),
    foreign_keys=(foreign_key("portfolio_snapshot", "user_id", "user", OnDelete.CASCADE),),
)
