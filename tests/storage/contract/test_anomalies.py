"""The anomalies of concurrent transactions, by isolation level: which may happen, the same over every adapter."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import attrs
import pytest

from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import Conflict
from strongroom.ports.storage import Isolation, Storage, Transaction
from strongroom.testing.factory import World

Blocked = Callable[[Coroutine[Any, Any, Any]], Awaitable["asyncio.Task[Any]"]]
Chains = tuple[Chain, Chain]
Anomaly = Callable[[Storage, Chains, Isolation, Blocked], Awaitable[bool]]
RC, RR, SER = Isolation.READ_COMMITTED, Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE
NEW: Final = 77


async def put(repositories: Storage | Transaction, chain: Chain, depth: int) -> None:
    """Write a value over a row, whatever it says."""
    await repositories.chains.update(attrs.evolve(chain, finality_depth=depth))


async def depth_of(repositories: Storage | Transaction, chain: Chain) -> int:
    """Read a row's value."""
    return int((await repositories.chains.get(chain.id)).finality_depth)


async def dirty_read(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """Another transaction's write is read before it is committed."""
    async with storage.transaction(isolation=isolation) as writer:
        await put(writer, chains[0], NEW)
        async with storage.transaction(isolation=isolation) as reader:
            return await depth_of(reader, chains[0]) == NEW


async def dirty_write(storage: Storage, chains: Chains, isolation: Isolation, blocked: Blocked) -> bool:
    """Two transactions write the same two rows, and each row keeps another one's write."""

    async def write(depth: int, begun: asyncio.Event, may_go_on: asyncio.Event) -> None:
        async with storage.transaction(isolation=isolation) as transaction:
            await put(transaction, chains[0], depth)
            begun.set()
            await may_go_on.wait()
            await put(transaction, chains[1], depth)

    begun, go_on, free = asyncio.Event(), asyncio.Event(), asyncio.Event()
    free.set()
    first = asyncio.create_task(write(NEW, begun, go_on))
    await begun.wait()
    second = await blocked(write(NEW + 1, asyncio.Event(), free))
    go_on.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert results[0] is None
    assert results[1] is None if isolation is RC else isinstance(results[1], Conflict)
    return await depth_of(storage, chains[0]) != await depth_of(storage, chains[1])


async def unrepeatable_read(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """A row that is read twice differs, for somebody committed a write in between."""
    async with storage.transaction(isolation=isolation) as reader:
        before = await depth_of(reader, chains[0])
        await put(storage, chains[0], NEW)
        return await depth_of(reader, chains[0]) != before


async def fractured_read(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """Of another transaction's two writes one is seen, and the other is not."""
    async with storage.transaction(isolation=isolation) as reader:
        first = await depth_of(reader, chains[0])
        async with storage.transaction() as writer:
            await put(writer, chains[0], NEW)
            await put(writer, chains[1], NEW)
        return (first == NEW) != (await depth_of(reader, chains[1]) == NEW)


async def phantom(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """Rows that match are read twice, and one more matches the second time."""
    async with storage.transaction(isolation=isolation) as reader:
        before = await reader.chains.count()
        await storage.chains.add(attrs.evolve(chains[0], id=NEW, name="phantom"))
        return await reader.chains.count() != before


async def lost_update(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """What was computed from an old value is written over a newer one."""
    try:
        async with storage.transaction(isolation=isolation) as transaction:
            before = await depth_of(transaction, chains[0])
            await put(storage, chains[0], NEW)
            await put(transaction, chains[0], before + 1)
    except Conflict:
        return False
    return await depth_of(storage, chains[0]) != NEW + 1


async def lost_update_under_lock(storage: Storage, chains: Chains, isolation: Isolation, blocked: Blocked) -> bool:
    """The same, if the row is locked before it is read: the other waits."""

    async def add_one() -> None:
        async with storage.transaction(isolation=isolation) as transaction:
            locked = await transaction.chains.lock(chains[0].id)
            await put(transaction, chains[0], locked.finality_depth + 1)

    async with storage.transaction(isolation=isolation) as transaction:
        locked = await transaction.chains.lock(chains[0].id)
        waiting = await blocked(add_one())
        await put(transaction, chains[0], locked.finality_depth + 1)
    lost = (await asyncio.gather(waiting, return_exceptions=True))[0]
    added = await depth_of(storage, chains[0]) - chains[0].finality_depth
    assert lost is None if isolation is RC else isinstance(lost, Conflict)
    return added != (2 if lost is None else 1)


async def write_skew(storage: Storage, chains: Chains, isolation: Isolation, _blocked: Blocked) -> bool:
    """Each of two transactions reads both rows and writes another one, which no order of the two explains."""

    async def swap(reads: Chain, writes: Chain, ready: asyncio.Event, other: asyncio.Event) -> None:
        async with storage.transaction(isolation=isolation) as transaction:
            value = await depth_of(transaction, reads)
            ready.set()
            await other.wait()
            await put(transaction, writes, value)

    events = asyncio.Event(), asyncio.Event()
    one, two = chains
    results = await asyncio.gather(swap(one, two, *events), swap(two, one, *reversed(events)), return_exceptions=True)
    return list(results) == [None, None]


HAPPENS: Final[dict[Anomaly, frozenset[Isolation]]] = {
    dirty_write: frozenset(),
    dirty_read: frozenset(),
    unrepeatable_read: frozenset({RC}),
    fractured_read: frozenset({RC}),
    phantom: frozenset({RC}),
    lost_update: frozenset({RC}),
    lost_update_under_lock: frozenset(),
    write_skew: frozenset({RC, RR}),
}
"""The levels at which each anomaly may happen, as PostgreSQL has them; everywhere else it never does."""


@pytest.mark.parametrize("isolation", Isolation, ids=lambda isolation: isolation.name)
@pytest.mark.parametrize("anomaly", HAPPENS, ids=lambda anomaly: anomaly.__name__)
async def test_an_anomaly_happens_at_its_levels_alone(
    storage: Storage, world: World, blocked: Blocked, anomaly: Anomaly, isolation: Isolation
) -> None:
    """The table of the documentation holds, row by row."""
    one, two = await world.several(Chain, 2)
    chains = attrs.evolve(one, finality_depth=1), attrs.evolve(two, finality_depth=2)
    for chain in chains:
        await storage.chains.update(chain)
    assert await anomaly(storage, chains, isolation, blocked) is (isolation in HAPPENS[anomaly])
