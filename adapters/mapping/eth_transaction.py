"""The table of EVM transactions."""

from strongroom.domain.transactions.eth_transaction import EthTransaction

from .enums import ENUMS
from .table import Owner, declare

ETH_TRANSACTION = declare(
    EthTransaction,
    "eth_transaction",
    repository="eth_transactions",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("chain_id", "hash"),
    uniques=(("chain_id", "block_number", "transaction_index"),),
    indexes=(("chain_id", "from_address", "block_number"),),
)
