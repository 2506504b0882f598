"""The table of chains."""

from strongroom.domain.protocols.chain import Chain
from strongroom.ports.repositories.chain import ChainRepository

from .declaration import declare

CHAIN = declare(
    Chain,
    "chain",
    repository=ChainRepository,
    uniques=(("name",),),
)
