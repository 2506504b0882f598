"""Reads what the contracts hold of pools, whatever their kinds."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.protocols.holdings import PoolState

from ..storage import Repositories

REPOSITORY_BY_KIND: Final = {
    PoolKind.UNISWAP_V3: "uniswap_v3_pools",
    PoolKind.UNISWAP_V2: "uniswap_v2_pairs",
    PoolKind.YEARN: "yearn_vaults",
    PoolKind.MORPHO: "morpho_vaults",
}
"""The repository of the states of each kind of pool; the other kinds have none."""


async def find_pool_states(repositories: Repositories, pools: Iterable[Pool]) -> dict[UUID, PoolState]:
    """Return the states of pools by pool; those without one are left out.

    One statement for each kind of pool among them, however many there are.
    """
    ids: defaultdict[PoolKind, list[UUID]] = defaultdict(list)
    for pool in pools:
        ids[pool.kind].append(pool.id)
    states: dict[UUID, PoolState] = {}
    for kind, held_by in REPOSITORY_BY_KIND.items():
        if wanted := list(dict.fromkeys(ids[kind])):
            found: list[PoolState] = await getattr(repositories, held_by).get_many(wanted)
            states.update({state.pool_id: state for state in found})
    return states
