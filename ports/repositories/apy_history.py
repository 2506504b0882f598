"""The repository of pools' yields."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.pricing.apy_history import ApyHistory

from ..repository import Repository


class ApyHistoryRepository(Repository[ApyHistory, tuple[UUID, datetime]], Protocol):
    """Pools' yields, by pool and time."""
