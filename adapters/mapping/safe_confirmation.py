"""The table of owners' confirmations."""

from strongroom.domain.safes.safe_confirmation import SafeConfirmation
from strongroom.ports.repositories.safe_confirmation import SafeConfirmationRepository

from .declaration import declare
from .safe_transaction import SAFE_TRANSACTION
from .table import OnDelete, Owner

SAFE_CONFIRMATION = declare(
    SafeConfirmation,
    "safe_confirmation",
    repository=SafeConfirmationRepository,
    owner=Owner.FRONTEND,
    key=("safe_transaction_id", "owner_address"),
    references={"safe_transaction_id": (SAFE_TRANSACTION, OnDelete.CASCADE)},
    defaults={"confirmed_at": "CURRENT_TIMESTAMP"},
)
