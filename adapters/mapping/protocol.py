"""The table of protocols."""

from strongroom.domain.protocols.protocol import Protocol

from .enums import ENUMS
from .table import Owner, declare

PROTOCOL = declare(
    Protocol,
    "protocol",
    repository="protocols",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("slug",),),
)
