"""The table of positions' valuations."""

from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.repositories.position_valuation import PositionValuationRepository

from .declaration import declare
from .position import POSITION
from .table import OnDelete

POSITION_VALUATION = declare(
    PositionValuation,
    "nmt_position_valuation",
    repository=PositionValuationRepository,
    key=("position_id", "at"),
    references={"position_id": (POSITION, OnDelete.CASCADE)},
    partitioned_by="at",
    memory="strongroom.adapters.memory.position_valuation:MemoryPositionValuationRepository",
    postgres="strongroom.adapters.postgres.position_valuation:PostgresPositionValuationRepository",
)
