"""The sample platform: several users, what they hold and what they did, up to 2026-10-31."""

from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Final

from attrs import frozen

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.user_address import AddressKind, UserAddress
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.pricing.price import Price
from strongroom.domain.values.address import ChainFamily

from .activity import Deposit, Fee, History, Holding, Withdrawal, build_history
from .market import START, prices
from .reference_data import sample_id

_HOLDINGS: Final = {
    "Ada": (
        Holding("morpho-usdc", (Deposit(2, 25_000), Fee(2, 11), Deposit(40, 10_000))),
        Holding("v3-usdc-weth", (Deposit(5, 30_000), Fee(5, 24), Withdrawal(61, 35))),
        Holding("aave-weth", (Deposit(12, 18_000), Deposit(55, 4_000))),
        Holding("yearn-dai", (Deposit(3, 8_000), Withdrawal(34, 100))),
    ),
    "Bruno": (
        Holding("v2-usdc-weth", (Deposit(1, 12_000), Fee(1, 9), Deposit(30, 6_000), Withdrawal(72, 50))),
        Holding("v3-wbtc-weth", (Deposit(20, 40_000), Fee(20, 31))),
        Holding("v2-weth-usdt", (Deposit(8, 5_000), Withdrawal(25, 100))),
    ),
    "Chiara": (
        Holding("yearn-usdc", (Deposit(0, 60_000), Withdrawal(45, 20), Deposit(70, 15_000))),
        Holding("aave-usdc", (Deposit(10, 35_000), Fee(10, 7))),
        Holding("v3-dai-usdc", (Deposit(18, 20_000), Fee(18, 22))),
    ),
    "Dmitri": (),
}
FIRST_EMAIL: Final = "ada@example.com"


@frozen(kw_only=True)
class Sample:
    """The users of the sample, what belongs to them, and the prices that they met."""

    users: tuple[User, ...]
    wallets: tuple[Wallet, ...]
    addresses: tuple[UserAddress, ...]
    goals: tuple[Goal, ...]
    histories: tuple[History, ...]
    prices: tuple[Price, ...]


@cache
def sample_platform() -> Sample:
    """Return the sample platform, which is the same each time."""
    users = {name: _user(name) for name in _HOLDINGS}
    wallets = {name: _wallet(user) for name, user in users.items()}
    return Sample(
        users=tuple(users.values()),
        wallets=tuple(wallets.values()),
        addresses=tuple(_address(users[name], wallet) for name, wallet in wallets.items()),
        goals=(_goal(users["Ada"], "A year off", 120_000), _goal(users["Chiara"], "House deposit", 200_000)),
        histories=tuple(
            build_history(users[name].id, wallets[name].id, holding)
            for name, holdings in _HOLDINGS.items()
            for holding in holdings
        ),
        prices=tuple(prices()),
    )


def _user(name: str) -> User:
    return User(
        id=sample_id("user", name),
        email=f"{name.lower()}@example.com",
        display_name=name,
        created_at=START,
        updated_at=START,
    )


def _wallet(user: User) -> Wallet:
    return Wallet(
        id=sample_id("wallet", user.display_name),
        user_id=user.id,
        family=ChainFamily.EVM,
        address="0x" + sha256(f"strongroom sample wallet {user.display_name}".encode()).hexdigest()[:40],
        label="Main wallet",
        is_primary=True,
        connected_at=START,
    )


def _address(user: User, wallet: Wallet) -> UserAddress:
    return UserAddress(
        id=sample_id("address", user.display_name),
        user_id=user.id,
        family=wallet.family,
        address=wallet.address,
        label="To the main wallet",
        kind=AddressKind.WITHDRAWAL,
        created_at=START,
    )


def _goal(user: User, name: str, target_usd: int) -> Goal:
    return Goal(
        id=sample_id("goal", user.display_name, name),
        user_id=user.id,
        name=name,
        target_usd=Decimal(target_usd),
        start_usd=Decimal(0),
        monthly_contribution_usd=Decimal(1_500),
        start_date=date(2026, 8, 1),
        target_date=date(2028, 8, 1),
        created_at=START,
        updated_at=START,
    )
