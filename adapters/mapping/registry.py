"""The registry of tables: every entity class that storage knows, in the order in which rows may be written."""

import re
from typing import Any, Final

from .balance_change import BALANCE_CHANGE
from .block_header import BLOCK_HEADER
from .chain import CHAIN
from .coin import COIN
from .coin_data import COIN_DATA
from .eth_transaction import ETH_TRANSACTION
from .goal import GOAL
from .indexer_checkpoint import INDEXER_CHECKPOINT
from .pool import POOL
from .pool_token import POOL_TOKEN
from .position import POSITION
from .position_flow import POSITION_FLOW
from .position_valuation import POSITION_VALUATION
from .price import PRICE
from .protocol import PROTOCOL
from .swap import SWAP
from .table import Table
from .user import USER
from .user_address import USER_ADDRESS
from .wallet import WALLET

TABLES: Final[tuple[Table, ...]] = (
    USER,
    WALLET,
    USER_ADDRESS,
    GOAL,
    CHAIN,
    PROTOCOL,
    COIN,
    COIN_DATA,
    POOL,
    POOL_TOKEN,
    POSITION,
    POSITION_VALUATION,
    POSITION_FLOW,
    PRICE,
    BLOCK_HEADER,
    INDEXER_CHECKPOINT,
    ETH_TRANSACTION,
    BALANCE_CHANGE,
    SWAP,
)
"""In foreign-key order, parents first, which is also the order in which the migrations create the foreign keys.

PostgreSQL judges the references to a removed row in that order, so the twin can do the same.
"""

_PARTITION: Final = re.compile(r"_(default|[0-9]{4}_(0[1-9]|1[0-2]))$")
_BY_NAME: Final = {table.name: table for table in TABLES}
_BY_ENTITY: Final = {table.entity: table for table in TABLES}


def table_named(name: str) -> Table:
    """Return the table with a name; the name of a partition (``price_2026_01``) gives its parent. Raises KeyError."""
    table = _BY_NAME.get(name) or _BY_NAME[_PARTITION.sub("", name)]
    if table.name != name and table.partitioned_by is None:
        raise KeyError(name)
    return table


def table_of(entity: type[Any]) -> Table:
    """Return the table of an entity class. Raises KeyError."""
    return _BY_ENTITY[entity]
