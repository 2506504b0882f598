"""One way to open every kind of storage."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from strongroom import (
    FixedClock,
    SchemaMismatch,
    SequentialIds,
    SettingInvalid,
    Settings,
    StorageUnavailable,
    open_storage,
)
from strongroom.adapters.postgres.migrator import SchemaBehind
from strongroom.ports.errors import StorageClosed
from strongroom.ports.repositories.user import CreateUser

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


async def test_an_opened_storage_works_and_is_closed_on_leaving(address: str) -> None:
    """Write and read within; afterwards every call says that it was closed."""
    async with open_storage(address, min_size=1) as storage:
        user = await storage.users.create(CreateUser(display_name="Ada"))
        assert await storage.users.get(user.id) == user
    with pytest.raises(StorageClosed):
        await storage.users.get(user.id)


async def test_clock_and_ids_are_the_ones_given(address: str) -> None:
    """Time and identity come from outside."""
    async with open_storage(address, clock=FixedClock(NEW_YEAR), ids=SequentialIds(), min_size=1) as storage:
        user = await storage.users.create(CreateUser())
        assert user.created_at == NEW_YEAR
        assert user.id == SequentialIds().next()


async def test_the_storage_is_closed_when_the_block_raises(address: str) -> None:
    """An exception goes through, and the storage is closed all the same."""
    with pytest.raises(ZeroDivisionError):
        async with open_storage(address, min_size=1) as storage:
            raise ZeroDivisionError
    with pytest.raises(StorageClosed):
        await storage.users.count()


async def test_pending_migrations_are_applied_on_opening(empty_database: str) -> None:
    """A service that opens an empty database finds its tables."""
    async with open_storage(empty_database, min_size=1) as storage:
        assert await storage.positions.count() == 0


async def test_a_database_behind_raises_if_migrations_are_not_applied(empty_database: str) -> None:
    """``apply_migrations=False`` changes nothing, and says what to do."""
    with pytest.raises(SchemaBehind, match="strongroom migrate"):
        async with open_storage(empty_database, apply_migrations=False):
            pytest.fail("was opened")
    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()


async def test_migrations_go_over_the_direct_address(empty_database: str) -> None:
    """``direct_url`` goes past a pooler: where it leads nowhere, opening fails although the pool would open."""
    nowhere = "postgresql://u:secret@127.0.0.1:9/d"
    with pytest.raises(StorageUnavailable, match=r"127\.0\.0\.1:9") as caught:
        async with open_storage(empty_database, direct_url=nowhere, pooler="transaction"):
            pytest.fail("was opened")
    assert "secret" not in str(caught.value)


async def test_many_services_open_an_empty_database_at_once(empty_database: str) -> None:
    """Each migration is applied once, and none of the services fails."""

    async def serve() -> int:
        async with open_storage(empty_database, min_size=1, max_size=1) as storage:
            return await storage.users.count()

    assert await asyncio.gather(*(serve() for _ in range(8))) == [0] * 8


async def test_the_embedded_server_starts_and_stops_with_the_last_storage(tmp_path: Path) -> None:
    """Two storages of one process share the server: it runs until both are closed, and starts again with its rows."""
    folder = tmp_path / "data"
    embedded = f"embedded:{folder}"
    async with open_storage(embedded, min_size=1) as first:
        await first.users.create(CreateUser(display_name="Ada"))
        async with open_storage(embedded, min_size=1) as second:
            assert await second.users.count() == 1
        assert await first.users.count() == 1
        assert (folder / "postmaster.pid").exists()
    assert not (folder / "postmaster.pid").exists()
    async with open_storage(embedded, min_size=1) as again:
        assert await again.users.count() == 1


@pytest.mark.parametrize("seconds", [0, 0.05, 0.5])
async def test_a_cancelled_opening_leaves_no_server(tmp_path: Path, seconds: float) -> None:
    """Whatever the server was doing when the time was over."""
    folder = tmp_path / "data"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds), open_storage(f"embedded:{folder}", min_size=1):
            await asyncio.sleep(60)
    assert not (folder / "postmaster.pid").exists()
    async with open_storage(f"embedded:{folder}", min_size=1) as storage:
        assert await storage.users.count() == 0


async def test_an_embedded_server_without_a_place_says_so(tmp_path: Path) -> None:
    """A data folder that cannot be is a storage that is not available."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageUnavailable, match="could not be started"):
        async with open_storage(f"embedded:{tmp_path / 'file'}"):
            pytest.fail("was opened")


async def test_settings_may_be_handed_over(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the environment is not asked; keywords still replace some of them."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@127.0.0.1:9/d")
    monkeypatch.setenv("STRONGROOM_MAX_SIZE", "many")
    async with open_storage(Settings(database_url=address), min_size=1) as storage:
        assert await storage.users.count() == 0
    with pytest.raises(SettingInvalid, match="min_size"):
        open_storage(Settings(database_url=address), min_size=31)


async def test_a_wrong_setting_raises_at_once() -> None:
    """Before anything is opened."""
    with pytest.raises(SettingInvalid, match="max_size"):
        open_storage("memory:", max_size=0)


async def test_an_old_server_is_a_schema_mismatch(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which version is needed."""
    monkeypatch.setattr("strongroom.adapters.postgres.connection.MINIMUM_VERSION", 99)
    with pytest.raises(SchemaMismatch, match="needs 99 or newer"):
        async with open_storage(database):
            pytest.fail("was opened")
