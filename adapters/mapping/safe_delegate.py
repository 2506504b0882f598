"""The table of delegates."""

from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.ports.repositories.safe_delegate import SafeDelegateRepository

from .declaration import declare, unique
from .safe_account import SAFE_ACCOUNT
from .table import OnDelete, Owner

SAFE_DELEGATE = declare(
    SafeDelegate,
    "safe_delegate",
    repository=SafeDelegateRepository,
    owner=Owner.FRONTEND,
    uniques=(
        unique(
            "safe_id",
            "delegate_address",
            "delegator_address",
            nulls_distinct=False,
        ),
    ),
    references={"safe_id": (SAFE_ACCOUNT, OnDelete.CASCADE)},
    indexes=(
        ("delegate_address",),
        ("delegator_address",),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
