"""Load the sample platform into a storage, once, beside any rows that are already stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs
from attrs import evolve

from strongroom.ports.results import BulkResult
from strongroom.ports.storage import Repositories, Storage

from .reference_data import CHAINS, COIN_DATA, COINS, ETHEREUM, POOLS, PROTOCOLS
from .sample import sample_platform


async def load_sample(storage: Storage) -> BulkResult:
    """Add what is missing of the sample platform, all of it in one transaction, and count the rows.

    What is there stays as it is: coins, protocols and pools that the storage knows already, by address or slug, are
    used under the identity that they have there.
    """
    return await storage.run(_load)


async def _load(storage: Repositories) -> BulkResult:
    sample = sample_platform()
    coins, protocols, pools = COINS.values(), PROTOCOLS.values(), [pool.pool for pool in POOLS.values()]
    done = await storage.chains.bulk_add_missing(CHAINS)
    done += await storage.coins.bulk_add_missing(coins, by=("chain_id", "address"))
    done += await storage.protocols.bulk_add_missing(protocols, by=("slug",))
    stored: dict[UUID, UUID] = {}
    known = await storage.coins.find_by_addresses(ETHEREUM, [coin.address for coin in coins])
    by_address = {coin.address: coin.id for coin in known}
    stored |= {coin.id: by_address[coin.address] for coin in coins}
    by_slug = {protocol.slug: protocol.id for protocol in await storage.protocols.find()}
    stored |= {protocol.id: by_slug[protocol.slug] for protocol in protocols}
    done += await storage.pools.bulk_add_missing(
        [_with_stored(pool, stored) for pool in pools], by=("chain_id", "address", "kind")
    )
    by_place = {(pool.address, pool.kind): pool.id for pool in await storage.pools.find_by_chain(ETHEREUM)}
    stored |= {pool.id: by_place[pool.address, pool.kind] for pool in pools}

    histories = sample.histories
    tokens = [token for pool in POOLS.values() for token in pool.tokens]
    for repository, entities in (
        (storage.coin_data, COIN_DATA),
        (storage.pool_tokens, tokens),
        (storage.prices, sample.prices),
        (storage.users, sample.users),
        (storage.wallets, sample.wallets),
        (storage.user_addresses, sample.addresses),
        (storage.goals, sample.goals),
        (storage.positions, [history.position for history in histories]),
        (storage.position_flows, [flow for history in histories for flow in history.flows]),
        (storage.position_valuations, [valuation for history in histories for valuation in history.valuations]),
    ):
        done += await _add_missing(repository, entities, stored)
    return done


async def _add_missing(repository: Any, entities: Any, stored: Mapping[UUID, UUID]) -> BulkResult:
    result: BulkResult = await repository.bulk_add_missing([_with_stored(entity, stored) for entity in entities])
    return result


def _with_stored(entity: Any, stored: Mapping[UUID, UUID]) -> Any:
    """Return the entity with references to the identities that the storage knows the same things by."""
    changes = {
        field.name: stored[value]
        for field in attrs.fields(type(entity))
        if field.name in ("coin_id", "pool_id", "protocol_id")
        and stored.get(value := getattr(entity, field.name), value) != value
    }
    return evolve(entity, **changes) if changes else entity
