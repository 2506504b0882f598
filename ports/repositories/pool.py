"""The repository of pools."""

from decimal import Decimal
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.pool import Pool, PoolKind

from ..creation import build
from ..criteria import Criteria, desc, eq
from ..repository import Creating, Repository

BY_ADDRESS = Criteria(where=(eq("chain_id"), eq("address"), eq("kind")))
OF_PROTOCOL = Criteria(where=(eq("protocol_id"),), order=(desc("tvl_usd"),))
OF_CHAIN = Criteria(where=(eq("chain_id"),), order=(desc("tvl_usd"),))


@frozen(kw_only=True)
class CreatePool:
    """What is said of a new pool; APYs are fractions (0.05 is 5 %), the TVL is in USD."""

    chain_id: int
    protocol_id: UUID
    address: str
    name: str
    kind: PoolKind
    external_id: str | None = None
    apy: Decimal | None = None
    apy_base: Decimal | None = None
    apy_reward: Decimal | None = None
    tvl_usd: Decimal = Decimal(0)
    is_active: bool = True
    indexed_block: int = 0


class PoolRepository(Repository[Pool, UUID], Creating, Protocol):
    """Pools, by id."""

    async def create(self, command: CreatePool) -> Pool:
        """Add a pool. Raises AlreadyExists when the chain has one of the kind at the address."""
        return await self.add(build(Pool, command, id=self.next_id(), now=self.now()))

    async def find_by_address(self, chain_id: int, address: str, kind: PoolKind) -> Pool | None:
        """Return the pool of a kind at an address, or None."""
        return await self.find_one(BY_ADDRESS, chain_id, address, kind)

    async def find_by_protocol(self, protocol_id: UUID) -> list[Pool]:
        """Return a protocol's pools, the largest TVL first."""
        return await self.find(OF_PROTOCOL, protocol_id)

    async def find_by_chain(self, chain_id: int) -> list[Pool]:
        """Return a chain's pools, the largest TVL first."""
        return await self.find(OF_CHAIN, chain_id)
