"""The table of Safes."""

from strongroom.domain.safes.safe_account import SafeAccount

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

SAFE_ACCOUNT = declare(
    SafeAccount,
    "safe_account",
    repository="safes",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(("chain_id", "address"),),
    foreign_keys=(
        foreign_key("safe_account", "user_id", "user", OnDelete.CASCADE),
        foreign_key("safe_account", "chain_id", "chain", OnDelete.RESTRICT),
    ),
    indexes=(("user_id", "created_at"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
