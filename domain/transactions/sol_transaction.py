"""The transactions of Solana."""

from datetime import datetime

from attrs import frozen

from ..values.fields import Count64, SolanaSignature, checked
from .eth_transaction import TxStatus


@frozen(kw_only=True, field_transformer=checked)
class SolTransaction:
    """A transaction of Solana, by its first signature; the fee is in lamports, and is paid by failed ones too."""

    signature: SolanaSignature
    slot: Count64
    fee_lamports: Count64
    status: TxStatus
    at: datetime
