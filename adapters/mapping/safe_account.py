"""The table of Safes."""

from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.ports.repositories.safe_account import SafeAccountRepository

from .chain import CHAIN
from .declaration import declare
from .table import OnDelete, Owner
from .user import USER

SAFE_ACCOUNT = declare(
    SafeAccount,
    "safe_account",
    repository=SafeAccountRepository,
    attribute="safes",
    owner=Owner.FRONTEND,
    uniques=(("chain_id", "address"),),
    references={
        "user_id": (USER, OnDelete.CASCADE),
        "chain_id": (CHAIN, OnDelete.RESTRICT),
    },
    indexes=(("user_id", "created_at"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
    memory="strongroom.adapters.memory.safe_account:MemorySafeAccountRepository",
    postgres="strongroom.adapters.postgres.safe_account:PostgresSafeAccountRepository",
)
