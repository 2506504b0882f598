"""The repository of pools."""

from decimal import Decimal
from functools import cache
from typing import Final, Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.pool import Pool, PoolKind

from ..creation import new_entity
from ..criteria import Criteria, Cursor, desc, eq, ge, is_null, not_null
from ..repository import Creating, Repository
from ..results import Page

BY_ADDRESS = Criteria(where=(eq("chain_id"), eq("address"), eq("kind")))
BY_PROTOCOL = Criteria(where=(eq("protocol_id"),), order=(desc("tvl_usd"),))
BY_CHAIN = Criteria(where=(eq("chain_id"),), order=(desc("tvl_usd"),))

BEFORE_NULL_APY: Final[Cursor] = (None, UUID(int=0))
"""The cursor after the last pool whose APY is known, in the order by APY."""


@frozen(kw_only=True)
class CreatePool:
    """The fields of a new pool; APYs are fractions (0.05 is 5 %), the TVL is in USD."""

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


@frozen(kw_only=True)
class PoolFilter:
    """A filter of pools: None matches any value, and ``min_tvl_usd`` is the least TVL."""

    chain_id: int | None = None
    protocol_id: UUID | None = None
    kind: PoolKind | None = None
    is_active: bool | None = True
    min_tvl_usd: Decimal | None = None


@cache
def _by_apy(fields: tuple[str, ...], *, has_least_tvl: bool, is_known: bool) -> Criteria:
    """Return the criteria of the pools whose fields are given, and whose APY is known, or is not."""
    least = (ge("tvl_usd"),) if has_least_tvl else ()
    known = not_null("apy") if is_known else is_null("apy")
    return Criteria(where=(*(eq(field) for field in fields), *least, known), order=(desc("apy"),))


class PoolRepository(Repository[Pool, UUID], Creating, Protocol):
    """Pools, by id."""

    async def create(self, command: CreatePool) -> Pool:
        """Add a pool. Raises AlreadyExists when the chain has one of the kind at the address."""
        return await self.add(new_entity(Pool, command, id=self.next_id(), now=self.now()))

    async def find_by_address(self, chain_id: int, address: str, kind: PoolKind) -> Pool | None:
        """Return the pool of a kind at an address, or None."""
        return await self.find_one(BY_ADDRESS, chain_id, address, kind)

    async def find_by_protocol(self, protocol_id: UUID, *, limit: int | None = None) -> list[Pool]:
        """Return a protocol's pools, the largest TVL first."""
        return await self.find(BY_PROTOCOL, protocol_id, limit=limit)

    async def find_by_chain(self, chain_id: int, *, limit: int | None = None) -> list[Pool]:
        """Return a chain's pools, the largest TVL first."""
        return await self.find(BY_CHAIN, chain_id, limit=limit)

    async def page_by_apy(
        self, wanted: PoolFilter | None = None, *, limit: int = 100, after: Cursor | None = None
    ) -> Page[Pool]:
        """Return a page of pools, the highest APY first, those whose APY is not known last; by id where it is one.

        A cursor is (APY, id) of a pool. Raises ValueError for a limit below 1, InvalidValue for what cannot be.
        """
        chosen = wanted or PoolFilter()
        fields = ("chain_id", "protocol_id", "kind", "is_active")
        given = tuple(field for field in fields if getattr(chosen, field) is not None)
        values = [getattr(chosen, field) for field in given]
        values += [] if chosen.min_tvl_usd is None else [chosen.min_tvl_usd]
        criteria = [
            _by_apy(given, has_least_tvl=chosen.min_tvl_usd is not None, is_known=is_known)
            for is_known in (True, False)
        ]
        if after is not None and after[:1] == (None,):
            return await self.page(criteria[1], *values, limit=limit, after=after)
        known = await self.page(criteria[0], *values, limit=limit, after=after)
        if known.next is not None:
            return known
        room = limit - len(known.items)
        unknown = await self.page(criteria[1], *values, limit=max(room, 1))
        if room:
            return Page([*known.items, *unknown.items], unknown.next)
        return Page(known.items, BEFORE_NULL_APY if unknown.items else None)
