"""Imports the yields of a pool over time."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from strongroom.domain.pricing.apy_history import ApyHistory

from ..criteria import Criteria, eq
from ..storage import Storage
from .import_batches import BatchWriter, batched
from .import_report import FactWithOrigin, ImportCounter, ImportRefused, ImportReport, Rejections

BY_PLACE = Criteria(where=(eq("chain_id"), eq("address")))


@frozen(kw_only=True)
class YieldFact:
    """A pool's yields at a time as yearly fractions, and its TVL in USD; None is unknown."""

    at: datetime
    apy: Decimal | None
    apy_base: Decimal | None
    apy_reward: Decimal | None
    tvl_usd: Decimal | None


async def import_yields(  # noqa: PLR0913 - what a run is about
    storage: Storage,
    facts: Iterable[FactWithOrigin[YieldFact]],
    *,
    chain_id: int,
    pool_address: str,
    rejections: Rejections,
    tally: ImportCounter,
) -> ImportReport:
    """Import the yields of the pool at an address in one transaction; imported again they change nothing.

    Raises ImportRefused unless storage knows one pool there, and for the first bad line, unless such are skipped.
    """
    async with storage.transaction() as transaction:
        pools = await transaction.pools.find(BY_PLACE, chain_id, pool_address)
        if len(pools) != 1:
            reason = f"storage knows {len(pools)} pools at this address of chain {chain_id}"
            raise ImportRefused(reason, file=pool_address, advice="add the pool first (import jsonl Pool FILE)")
        writer = BatchWriter(transaction, tally, rejections)
        for batch in batched(facts):
            rows = [
                FactWithOrigin(
                    ApyHistory(
                        pool_id=pools[0].id,
                        at=row.fact.at,
                        apy=row.fact.apy,
                        apy_base=row.fact.apy_base,
                        apy_reward=row.fact.apy_reward,
                        tvl_usd=row.fact.tvl_usd,
                    ),
                    row.origin,
                )
                for row in batch
            ]
            await writer.write("apy_history", rows)
    return tally.report(rejections)
