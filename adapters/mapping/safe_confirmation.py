"""The table of owners' confirmations."""

from strongroom.domain.safes.safe_confirmation import SafeConfirmation

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

SAFE_CONFIRMATION = declare(
    SafeConfirmation,
    "safe_confirmation",
    repository="safe_confirmations",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    key=("safe_transaction_id", "owner_address"),
    foreign_keys=(foreign_key("safe_confirmation", "safe_transaction_id", "safe_transaction", OnDelete.CASCADE),),
    defaults={"confirmed_at": "CURRENT_TIMESTAMP"},
)
