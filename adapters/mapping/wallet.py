"""The table of wallets."""

from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.values.address import ChainFamily

from .enums import ENUMS
from .table import Check, OnDelete, Owner, Unique, declare, foreign_key


def _family_fits_address(wallet: Wallet) -> bool:
    return (wallet.family is ChainFamily.EVM) == wallet.address.startswith("0x")


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
        Check("wallet_family_check", "(family = 'evm') = (address LIKE '0x%')", _family_fits_address),
        Check("wallet_disconnected_at_check", "disconnected_at >= connected_at", _disconnected_after_connected),
    ),
    indexes=(("user_id", "connected_at"),),
    defaults={"connected_at": "CURRENT_TIMESTAMP"},
)
