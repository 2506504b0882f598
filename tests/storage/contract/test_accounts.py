"""Users, their wallets, addresses and goals: creation and finders."""

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User, UserStatus
from strongroom.domain.accounts.user_address import AddressKind, UserAddress
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, ReferenceMissing
from strongroom.ports.repositories.goal import CreateGoal
from strongroom.ports.repositories.user import CreateUser
from strongroom.ports.repositories.user_address import CreateUserAddress
from strongroom.ports.repositories.wallet import CreateWallet
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.values import USDC, USDC_WRONG


async def test_a_user_is_created_with_identity_and_time(storage: Storage, clock: FixedClock) -> None:
    """``create`` gives a user the next identity and the clock's time; two get identities in order."""
    first = await storage.users.create(CreateUser(email="Ada@Example.org"))
    second = await storage.users.create(CreateUser())
    assert (first.created_at, first.updated_at) == (clock.now(), clock.now())
    assert (first.version, first.status, first.base_currency) == (1, UserStatus.ACTIVE, "USD")
    assert first.id < second.id
    assert await storage.users.find() == [first, second]


async def test_an_email_is_found_in_any_case(storage: Storage, world: World) -> None:
    """``find_by_email`` finds the user whatever the case of ASCII letters, and nobody else."""
    ada = await world.added(User, email="Ada@Example.org")
    await world.added(User, email="ada@example.com")
    await world.added(User, email=None)
    for writing in ("ada@example.org", "ADA@EXAMPLE.ORG", "Ada@Example.org"):
        assert await storage.users.find_by_email(writing) == ada
    for writing in ("", "ada", "ada@example.org ", "%"):
        assert await storage.users.find_by_email(writing) is None
    with pytest.raises(InvalidValue):
        await storage.users.find_by_email("nul\0")


async def test_only_ascii_letters_of_an_email_are_lowered(storage: Storage, world: World) -> None:
    """The case of letters outside ASCII counts: two such e-mail addresses are two."""
    small = await world.added(User, email="ärger@example.org")
    large = await world.added(User, email="Ärger@example.org")
    turkish = await world.added(User, email="İ@example.org")
    assert await storage.users.find_by_email("ärger@EXAMPLE.org") == small
    assert await storage.users.find_by_email("Ärger@EXAMPLE.org") == large
    assert await storage.users.find_by_email("İ@example.org") == turkish
    assert await storage.users.find_by_email("i@example.org") is None


async def test_an_email_belongs_to_one_user(storage: Storage, world: World) -> None:
    """An e-mail address that is taken in another case raises AlreadyExists; any number of users have none."""
    await world.several(User, 3, email=None)
    await world.added(User, email="ada@example.org")
    with pytest.raises(AlreadyExists) as caught:
        await storage.users.create(CreateUser(email="ADA@example.org"))
    assert (caught.value.entity, caught.value.constraint) == ("User", "user_email_key")


async def test_a_users_wallets_are_found(storage: Storage, world: World) -> None:
    """``find_by_user`` returns the wallets of the user alone, the longest connected first."""
    user = await world.added(User)
    await world.added(Wallet)
    wallets = [
        await storage.wallets.create(
            CreateWallet(
                user_id=user.id,
                family=ChainFamily.EVM,
                address=f"0x{number:040x}",
                connected_at=START_TIME - timedelta(days=number),
            )
        )
        for number in (1, 3, 2)
    ]
    assert await storage.wallets.find_by_user(user.id) == [wallets[1], wallets[2], wallets[0]]
    assert await storage.wallets.find_by_user(world.absent_key(User)) == []


async def test_a_wallet_is_found_by_its_address(storage: Storage, world: World) -> None:
    """``find_by_address`` finds a wallet by family and address; a wrong checksum raises InvalidValue."""
    wallet = await world.added(Wallet, family=ChainFamily.EVM, address=USDC)
    assert await storage.wallets.find_by_address(ChainFamily.EVM, USDC.lower()) == wallet
    assert await storage.wallets.find_by_address(ChainFamily.EVM, USDC) == wallet
    assert await storage.wallets.find_by_address(ChainFamily.SOLANA, USDC) is None
    with pytest.raises(InvalidValue):
        await storage.wallets.find_by_address(ChainFamily.EVM, USDC_WRONG)


async def test_an_address_is_written_down_once_per_purpose(storage: Storage, world: World) -> None:
    """A user may write an address down for several purposes, once for each; others may write it down too."""
    user = await world.added(User)
    command = CreateUserAddress(user_id=user.id, family=ChainFamily.EVM, address=USDC)
    watch = await storage.user_addresses.create(command)
    contact = await storage.user_addresses.create(attrs.evolve(command, kind=AddressKind.CONTACT))
    await storage.user_addresses.create(attrs.evolve(command, user_id=(await world.added(User)).id))
    with pytest.raises(AlreadyExists) as caught:
        await storage.user_addresses.create(attrs.evolve(command, address=USDC.lower()))
    assert caught.value.constraint == "user_address_user_id_family_address_kind_key"
    assert await storage.user_addresses.find_by_user(user.id) == [watch, contact]


async def test_addresses_come_in_the_order_they_were_made(storage: Storage, world: World) -> None:
    """``find_by_user`` returns addresses by the time they were made, those of one time by id."""
    user = await world.added(User)
    late, early, same = [
        await world.added(UserAddress, user_id=user.id, created_at=START_TIME + timedelta(days=day))
        for day in (2, 1, 2)
    ]
    assert await storage.user_addresses.find_by_user(user.id) == [early, late, same]


async def test_a_users_goals_are_found(storage: Storage, world: World) -> None:
    """``find_by_user`` returns a user's goals, the soonest first; a goal needs a user and a later end."""
    user = await world.added(User)
    await world.added(Goal)
    command = CreateGoal(
        user_id=user.id,
        name="house",
        target_usd=Decimal(500_000),
        start_date=date(2026, 1, 1),
        target_date=date(2036, 1, 1),
    )
    house = await storage.goals.create(command)
    boat = await storage.goals.create(attrs.evolve(command, name="boat", target_date=date(2027, 1, 1)))
    assert await storage.goals.find_by_user(user.id) == [boat, house]
    with pytest.raises(InvalidValue):
        await storage.goals.create(attrs.evolve(command, target_date=command.start_date))
    with pytest.raises(InvalidValue):
        await storage.goals.create(attrs.evolve(command, target_usd=Decimal(0)))
    with pytest.raises(ReferenceMissing):
        await storage.goals.create(attrs.evolve(command, user_id=world.absent_key(User)))
