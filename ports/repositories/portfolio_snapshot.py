"""The repository of portfolios' snapshots."""

from datetime import date
from typing import Protocol
from uuid import UUID

from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot

from ..repository import Repository


class PortfolioSnapshotRepository(Repository[PortfolioSnapshot, tuple[UUID, date]], Protocol):
    """Portfolios' snapshots, by user and day."""
