"""The table of EVM transactions."""

from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.ports.repositories.eth_transaction import EthTransactionRepository

from .declaration import declare

ETH_TRANSACTION = declare(
    EthTransaction,
    "eth_transaction",
    repository=EthTransactionRepository,
    key=("chain_id", "hash"),
    uniques=(("chain_id", "block_number", "transaction_index"),),
    indexes=(("chain_id", "from_address", "block_number"),),
)
