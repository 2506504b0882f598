"""The table of wallets."""

from strongroom.domain.accounts.wallet import Wallet

from .address_family import family_check
from .enums import ENUMS
from .table import Check, OnDelete, Owner, Unique, declare, foreign_key


def _disconnected_after_connected(wallet: Wallet) -> bool | None:
    return None if wallet.disconnected_at is None else wallet.disconnected_at >= wallet.connected_at


WALLET = declare(
    Wallet,
    "wallet",
    repository="wallets",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(
        ("family", "address"),
        Unique("wallet_user_id_key", ("user_id",), where="is_primary", applies=lambda wallet: wallet.is_primary),
    ),
    foreign_keys=(foreign_key("wallet", "user_id", "user", OnDelete.CASCADE),),
    checks=(
        family_check("wallet"),
        Check("wallet_disconnected_at_check", "disconnected_at >= connected_at", _disconnected_after_connected),
    ),
    indexes=(("user_id", "connected_at"),),
    defaults={"connected_at": "CURRENT_TIMESTAMP"},
)
