"""Roll back the stored facts of a chain above a block after a reorganisation.

Rows of the blocks above it, or derived from their transactions, are handled as follows:

====================================  ================================================================================
block_header, eth_transaction,        deleted
balance_change, swaps
nmt_position_flow                     deleted
nmt_position                          replayed from the flows left; revalued if it was valued since the first lost one
nmt_position_valuation                deleted from the position's first lost flow on, for they hold shares of it; those
                                      entered by hand stay
uniswap_v3_position                   deleted for positions with a lost flow, to be read again
portfolio_snapshot                    deleted for their users from the day of the first lost flow on, to be retaken
uniswap_v3_pool, uniswap_v2_pair,     deleted, to be read again
yearn_vault, morpho_vault
nmt_pool                              ``indexed_block`` is set back to the block
safe_transaction                      what a lost transaction executed, or failed to, is proposed again, or executable;
                                      so is what it replaced
safe_account                          ``nonce`` is that of the first such transaction again
subscription_transaction              confirmed and failed payments are pending again, since their transaction may be
                                      mined a second time; refunded ones stay so
subscription                          has the time again that was taken back for a payment that had failed
indexer_checkpoint                    every stream's is set back to the highest block that is left, or deleted
====================================  ================================================================================

Prices and yields are observations at a time, not facts of a block, and stay. So do Solana's tables, which name no chain
and are written once a slot is final.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from attrs import evolve, frozen

from ..criteria import Criteria, eq, gt, in_
from ..errors import NotFound
from ..repositories.balance_change import ABOVE as CHANGES_ABOVE
from ..repositories.eth_transaction import ABOVE as TRANSACTIONS_ABOVE
from ..repositories.swap import ABOVE as SWAPS_ABOVE
from ..storage import Transaction, UnitOfWork
from .roll_back_derived import roll_back_payments, roll_back_positions, roll_back_safes

POOLS_BY_CHAIN: Final = Criteria(where=(eq("chain_id"),))
POOLS_READ_BEYOND: Final = Criteria(where=(eq("chain_id"), gt("indexed_block")))
STATES_ABOVE: Final = Criteria(where=(in_("pool_id"), gt("block_number")))
STATES: Final = ("uniswap_v3_pools", "uniswap_v2_pairs", "yearn_vaults", "morpho_vaults")


@frozen(kw_only=True)
class RollbackResult:
    """The number of rows deleted, and of rows recomputed or set back."""

    headers: int
    transactions: int
    balance_changes: int
    swaps: int
    flows: int
    valuations: int
    snapshots: int
    pool_states: int
    position_states: int
    positions_replayed: int
    pools_set_back: int
    safe_transactions_set_back: int
    payments_set_back: int
    checkpoints_set_back: int


async def roll_back_chain(storage: UnitOfWork, chain_id: int, to_block: int) -> RollbackResult:
    """Delete all facts of a chain above a block and what was derived from them, in one transaction; see the module.

    With nothing above the block nothing changes. Raises InvalidValue for a block or chain that cannot be, what
    ``replay`` raises if a remaining flow depends on a lost flow (a withdrawal entered by hand of what was never
    deposited), StaleVersion and Conflict when others wrote at the same time; nothing is changed then.
    """

    async def work(transaction: Transaction) -> RollbackResult:
        with suppress(NotFound):  # facts need no chain that is stored
            await transaction.chains.lock(chain_id)
        hashes = await _lost_transactions(transaction, chain_id, to_block)
        safes = await roll_back_safes(transaction, chain_id, hashes)
        positions = await roll_back_positions(transaction, chain_id, hashes)
        payments = await roll_back_payments(transaction, chain_id, hashes)
        states, pools = await _reset_pools(transaction, chain_id, to_block)
        return RollbackResult(
            safe_transactions_set_back=safes,
            flows=positions.flows,
            positions_replayed=positions.positions,
            position_states=positions.position_states,
            valuations=positions.valuations,
            snapshots=positions.snapshots,
            payments_set_back=payments,
            pool_states=states,
            pools_set_back=pools,
            swaps=await transaction.swaps.remove_above(chain_id, to_block),
            balance_changes=await transaction.balance_changes.remove_above(chain_id, to_block),
            transactions=await transaction.eth_transactions.remove_above(chain_id, to_block),
            headers=await transaction.block_headers.remove_above(chain_id, to_block),
            checkpoints_set_back=await _reset_checkpoints(transaction, chain_id, to_block),
        )

    return await storage.run(work)


async def _lost_transactions(transaction: Transaction, chain_id: int, to_block: int) -> list[str]:
    """Return the hashes of all transactions that a fact above the block tells of: not every stream stores each kind."""
    told: tuple[tuple[Any, Criteria, Callable[[Any], str]], ...] = (
        (transaction.eth_transactions, TRANSACTIONS_ABOVE, lambda found: found.hash),
        (transaction.balance_changes, CHANGES_ABOVE, lambda change: change.transaction_hash),
        (transaction.swaps, SWAPS_ABOVE, lambda swap: swap.transaction_hash),
    )
    hashes: set[str] = set()
    for repository, above, hash_of in told:
        async for fact in repository.stream(above, chain_id, to_block):
            hashes.add(hash_of(fact))
    return sorted(hashes)


async def _reset_checkpoints(transaction: Transaction, chain_id: int, to_block: int) -> int:
    found = await transaction.indexer_checkpoints.find_by_chain(chain_id)
    beyond = [checkpoint for checkpoint in found if checkpoint.block_number > to_block]
    head = await transaction.block_headers.head(chain_id) if beyond else None
    for checkpoint in beyond:
        if head is None:
            await transaction.indexer_checkpoints.remove((chain_id, checkpoint.stream))
        else:
            back = evolve(checkpoint, block_number=head.number, block_hash=head.hash)
            await transaction.indexer_checkpoints.update(back)
    return len(beyond)


async def _reset_pools(transaction: Transaction, chain_id: int, to_block: int) -> tuple[int, int]:
    """Return how many states were deleted and how many pools were set back."""
    ids = [pool.id for pool in await transaction.pools.find(POOLS_BY_CHAIN, chain_id)]
    states = 0
    for repository in STATES:
        states += await getattr(transaction, repository).remove_where(STATES_ABOVE, ids, to_block)
    beyond = 0
    for found in await transaction.pools.find(POOLS_READ_BEYOND, chain_id, to_block):
        pool = await transaction.pools.lock(found.id)
        if pool.indexed_block > to_block:
            await transaction.pools.update(evolve(pool, indexed_block=to_block))
            beyond += 1
    return states, beyond
