"""The table of Safes' transactions."""

from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.ports.repositories.safe_transaction import SafeTransactionRepository

from .declaration import declare, unique
from .safe_account import SAFE_ACCOUNT
from .table import OnDelete, Owner

SAFE_TRANSACTION = declare(
    SafeTransaction,
    "safe_transaction",
    repository=SafeTransactionRepository,
    owner=Owner.FRONTEND,
    uniques=(
        ("safe_tx_hash",),
        unique(
            "safe_id",
            "nonce",
            where="status = 'executed'",
            applies=lambda transaction: transaction.status is SafeTxStatus.EXECUTED,
        ),
    ),
    references={"safe_id": (SAFE_ACCOUNT, OnDelete.RESTRICT)},
    indexes=(
        ("safe_id", "nonce"),
        ("proposer_address",),
    ),
    defaults={"proposed_at": "CURRENT_TIMESTAMP"},
)
