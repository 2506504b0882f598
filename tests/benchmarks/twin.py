"""How fast the twin answers, and that its answers do not slow down as its tables grow.

Run: ``uv run python tests/benchmarks/twin.py``. Prints microseconds per call, the median of interleaved rounds.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from strongroom.adapters.memory import MemoryStorage
from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.positions.position import Position
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.repositories.pool import CreatePool
from strongroom.ports.repositories.position import CreatePosition
from strongroom.ports.repositories.protocol import CreateProtocol
from strongroom.ports.repositories.user import CreateUser
from strongroom.ports.repositories.wallet import CreateWallet

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
POSITIONS_OF_A_USER = 10
ROUNDS = 7
CALLS = 20_000

Work = Callable[[], Awaitable[object]]


async def storage_of(size: int) -> tuple[MemoryStorage, Position]:
    """Return a twin that holds so many positions, ten to a user, and one of them."""
    storage = MemoryStorage(clock=FixedClock(START), ids=SequentialIds())
    evm = ChainFamily.EVM
    await storage.chains.add(Chain(id=1, family=evm, name="Ethereum", native_symbol="ETH", finality_depth=64))
    protocol = await storage.protocols.create(CreateProtocol(slug="uniswap", name="Uniswap", category="dex"))
    pool = await storage.pools.create(
        CreatePool(
            chain_id=1, protocol_id=protocol.id, address="0x" + "1" * 40, name="USDC/WETH", kind=PoolKind.UNISWAP_V3
        )
    )
    positions: list[Position] = []
    for user_number in range(size // POSITIONS_OF_A_USER):
        user = await storage.users.create(CreateUser())
        wallet = await storage.wallets.create(
            CreateWallet(user_id=user.id, family=evm, address=f"0x{user_number:040x}", connected_at=START)
        )
        for _ in range(POSITIONS_OF_A_USER):
            command = CreatePosition(user_id=user.id, wallet_id=wallet.id, pool_id=pool.id, opened_at=START)
            positions.append(await storage.positions.create(command))
    return storage, positions[size // 2]


async def microseconds(work: Work, calls: int) -> float:
    """Return the mean duration of a call."""
    begun = time.perf_counter()
    for _ in range(calls):
        await work()
    return (time.perf_counter() - begun) / calls * 1e6


async def main() -> None:
    """Measure every operation over every size, in interleaved rounds."""
    cases: dict[tuple[str, int], tuple[Work, int]] = {}
    for size in SIZES:
        storage, position = await storage_of(size)
        positions, key, user_id = storage.positions, position.id, position.user_id
        cases["get", size] = lambda positions=positions, key=key: positions.get(key), CALLS
        cases["find_by_user", size] = lambda positions=positions, user=user_id: positions.find_by_user(user), CALLS
        times = iter(datetime.fromtimestamp(START.timestamp() + second, UTC) for second in range(10**9))
        cases["update_valuation", size] = (
            lambda positions=positions, key=key, times=times: positions.update_valuation(
                key, Decimal("1.5"), at=next(times)
            ),
            CALLS // 20,
        )
    gc.collect()
    gc.freeze()
    rounds: dict[tuple[str, int], list[float]] = {case: [] for case in cases}
    for _ in range(ROUNDS):
        for case, (work, calls) in cases.items():
            rounds[case].append(await microseconds(work, calls))
    table = Table("operation", *(f"{size:,} rows" for size in SIZES), title="The twin, µs per call (median)")
    for name in dict.fromkeys(name for name, _ in cases):
        table.add_row(name, *(f"{statistics.median(rounds[name, size]):.2f}" for size in SIZES))
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
