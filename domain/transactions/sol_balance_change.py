"""What transactions of Solana did to balances."""

from datetime import datetime

from attrs import frozen

from ..values.fields import CoinDecimals, Count32, SolanaAddress, SolanaSignature, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class SolBalanceChange:
    """The balance of one account before and after a transaction of Solana, in raw units.

    ``account_index`` is the account's place in the transaction; ``mint`` None is SOL itself, in lamports.
    """

    signature: SolanaSignature
    account_index: Count32
    address: SolanaAddress
    mint: SolanaAddress | None = None
    pre_amount: Uint256
    post_amount: Uint256
    decimals: CoinDecimals
    at: datetime
