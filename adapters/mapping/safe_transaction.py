"""The table of Safes' transactions."""

from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus

from .enums import ENUMS
from .table import OnDelete, Owner, Unique, declare, foreign_key

SAFE_TRANSACTION = declare(
    SafeTransaction,
    "safe_transaction",
    repository="safe_transactions",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(
        ("safe_tx_hash",),
        Unique(
            "safe_transaction_safe_id_nonce_key",
            ("safe_id", "nonce"),
            where="status = 'executed'",
            applies=lambda transaction: transaction.status is SafeTxStatus.EXECUTED,
        ),
    ),
    foreign_keys=(foreign_key("safe_transaction", "safe_id", "safe_account", OnDelete.RESTRICT),),
    indexes=(
        ("safe_id", "nonce"),
        ("proposer_address",),
    ),
    defaults={"proposed_at": "CURRENT_TIMESTAMP"},
)
