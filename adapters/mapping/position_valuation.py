"""The table of positions' valuations."""

from strongroom.domain.positions.position_valuation import PositionValuation

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

POSITION_VALUATION = declare(
    PositionValuation,
    "nmt_position_valuation",
    repository="position_valuations",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("position_id", "at"),
    foreign_keys=(foreign_key("nmt_position_valuation", "position_id", "nmt_position", OnDelete.CASCADE),),
    partitioned_by="at",
)
