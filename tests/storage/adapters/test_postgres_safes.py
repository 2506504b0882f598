"""How a Safe with everything is read from PostgreSQL."""

import asyncpg
from support.counting_proxy import CountingProxy

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.safe_account import BY_OWNER, DETAILS_BY_ADDRESS, DETAILS_BY_ID
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation
from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.domain.safes.safe_module import SafeModule
from strongroom.domain.safes.safe_module_permission import SafeModulePermission
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.testing.factory import START_TIME, World


async def test_safe_details_take_one_round_trip(database: str) -> None:
    """None, one, and thirty of each group, with as many permissions for each module, are answered by one exchange."""
    proxy = CountingProxy(database)
    url = await proxy.start()
    async with await open_postgres(PostgresSettings(url=url, min_size=1, max_size=1)) as storage:
        world = World(storage)
        safe = await world.added(SafeAccount)
        await storage.safes.details(safe.id)
        await storage.safes.details_by_address(safe.chain_id, safe.address)
        counts = []
        for number in (0, 1, 29):
            for _ in range(number):
                owner = await world.added(SafeOwner, safe_id=safe.id, added_at=START_TIME, removed_at=None)
                for safe_id in (safe.id, None):
                    await world.added(SafeDelegate, safe_id=safe_id, delegator_address=owner.owner_address)
                module = await world.added(SafeModule, safe_id=safe.id, enabled_at=START_TIME, disabled_at=None)
                ready = [await world.ready(SafeModulePermission, module_id=module.id) for _ in range(30)]
                await storage.safe_module_permissions.bulk_upsert(ready)
            before = proxy.round_trips
            details = await storage.safes.details(safe.id)
            assert await storage.safes.details_by_address(safe.chain_id, safe.address) == details
            groups = (details.owners, details.delegates, details.modules, details.permissions)
            counts.append((*map(len, groups), proxy.round_trips - before))
    proxy.server.close()
    assert counts == [(0, 0, 0, 0, 2), (1, 2, 1, 30, 2), (30, 60, 30, 900, 2)]


async def test_confirmations_of_many_transactions_are_one_round_trip(database: str) -> None:
    """None, one, and thirty transactions with their confirmations."""
    proxy = CountingProxy(database)
    url = await proxy.start()
    async with await open_postgres(PostgresSettings(url=url, min_size=1, max_size=1)) as storage:
        world = World(storage)
        safe = await world.added(SafeAccount)
        await storage.safe_confirmations.find_by_transactions([safe.id])
        counts = []
        for number in (1, 29):
            for _ in range(number):
                transaction = await world.added(SafeTransaction, safe_id=safe.id, status=SafeTxStatus.PROPOSED)
                await world.several(SafeConfirmation, 2, safe_transaction_id=transaction.id)
            ids = [transaction.id for transaction in await storage.safe_transactions.find_pending(safe.id)]
            before = proxy.round_trips
            found = await storage.safe_confirmations.find_by_transactions(ids)
            counts.append((sum(map(len, found.values())), proxy.round_trips - before))
    proxy.server.close()
    assert counts == [(2, 1), (60, 1)]


async def test_safe_details_are_read_through_indexes(database: str) -> None:
    """Among thousands of owners, delegates, modules and permissions of others, no table is read whole."""
    async with await open_postgres(PostgresSettings(url=database, min_size=1)) as storage:
        world = World(storage)
        safe = await world.added(SafeAccount)
        given = {"user_id": safe.user_id, "chain_id": safe.chain_id}
        others = [await world.ready(SafeAccount, **given) for _ in range(500)]
        modules = [await world.ready(SafeModule, safe_id=other.id) for other in others for _ in range(4)]
        await storage.safes.bulk_upsert(others)
        await storage.safe_modules.bulk_upsert(modules)
        for entity, field, parents in (
            (SafeOwner, "safe_id", others * 4),
            (SafeDelegate, "safe_id", [*others * 4, *[None] * 1000]),
            (SafeModulePermission, "module_id", modules),
        ):
            rows = [await world.ready(entity, **{field: parent and parent.id}) for parent in parents]
            await world.repository(entity).bulk_upsert(rows)
        place = (safe.chain_id, safe.address)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("ANALYZE safe_account, safe_owner, safe_delegate, safe_module, safe_module_permission")
        for sql, given in ((DETAILS_BY_ID, (safe.id,)), (DETAILS_BY_ADDRESS, place), (BY_OWNER, (safe.address, None))):
            for mode in ("force_generic_plan", "force_custom_plan"):
                await connection.execute(f"SET plan_cache_mode = {mode}")
                plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", START_TIME, *given))
                whole = [name for name in ("owner", "delegate", "module") if f"Seq Scan on safe_{name}" in plan]
                assert whole == [], plan
    finally:
        await connection.close()
