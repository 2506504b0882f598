"""The table of wallets."""

from strongroom.domain.accounts.wallet import Wallet
from strongroom.ports.repositories.wallet import WalletRepository

from .address_family import family_check
from .declaration import declare, unique
from .table import Check, OnDelete, Owner
from .user import USER


def _disconnected_after_connected(wallet: Wallet) -> bool | None:
    return None if wallet.disconnected_at is None else wallet.disconnected_at >= wallet.connected_at


WALLET = declare(
    Wallet,
    "wallet",
    repository=WalletRepository,
    owner=Owner.FRONTEND,
    uniques=(
        ("family", "address"),
        unique("user_id", where="is_primary", applies=lambda wallet: wallet.is_primary),
    ),
    references={"user_id": (USER, OnDelete.CASCADE)},
    checks=(
        family_check("wallet"),
        Check("wallet_disconnected_at_check", "disconnected_at >= connected_at", _disconnected_after_connected),
    ),
    indexes=(("user_id", "connected_at"),),
    defaults={"connected_at": "CURRENT_TIMESTAMP"},
)
