"""The table of delegates."""

from strongroom.domain.safes.safe_delegate import SafeDelegate

from .enums import ENUMS
from .table import OnDelete, Owner, Unique, declare, foreign_key

SAFE_DELEGATE = declare(
    SafeDelegate,
    "safe_delegate",
    repository="safe_delegates",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(
        Unique(
            "safe_delegate_safe_id_delegate_address_delegator_address_key",
            ("safe_id", "delegate_address", "delegator_address"),
            nulls_distinct=False,
        ),
    ),
    foreign_keys=(foreign_key("safe_delegate", "safe_id", "safe_account", OnDelete.CASCADE),),
    indexes=(
        ("delegate_address",),
        ("delegator_address",),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
