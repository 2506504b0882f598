"""The table of chains."""

from strongroom.domain.protocols.chain import Chain

from .enums import ENUMS
from .table import Owner, declare

CHAIN = declare(
    Chain,
    "chain",
    repository="chains",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("name",),),
)
