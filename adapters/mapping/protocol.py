"""The table of protocols."""

from strongroom.domain.protocols.protocol import Protocol
from strongroom.ports.repositories.protocol import ProtocolRepository

from .declaration import declare

PROTOCOL = declare(
    Protocol,
    "protocol",
    repository=ProtocolRepository,
    uniques=(("slug",),),
)
