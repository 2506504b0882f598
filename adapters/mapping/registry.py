"""The registry of tables: every entity class that storage knows, in the order in which rows may be written."""

import re
from collections.abc import Sequence
from typing import Any, Final

from .apy_history import APY_HISTORY
from .balance_change import BALANCE_CHANGE
from .block_header import BLOCK_HEADER
from .chain import CHAIN
from .chat import CHAT
from .chat_member import CHAT_MEMBER
from .coin import COIN
from .coin_data import COIN_DATA
from .eth_transaction import ETH_TRANSACTION
from .goal import GOAL
from .indexer_checkpoint import INDEXER_CHECKPOINT
from .message import MESSAGE
from .morpho_vault import MORPHO_VAULT
from .pool import POOL
from .pool_token import POOL_TOKEN
from .portfolio_snapshot import PORTFOLIO_SNAPSHOT
from .position import POSITION
from .position_flow import POSITION_FLOW
from .position_valuation import POSITION_VALUATION
from .price import PRICE
from .protocol import PROTOCOL
from .safe_account import SAFE_ACCOUNT
from .safe_confirmation import SAFE_CONFIRMATION
from .safe_delegate import SAFE_DELEGATE
from .safe_discount import SAFE_DISCOUNT
from .safe_module import SAFE_MODULE
from .safe_module_permission import SAFE_MODULE_PERMISSION
from .safe_owner import SAFE_OWNER
from .safe_transaction import SAFE_TRANSACTION
from .sol_balance_change import SOL_BALANCE_CHANGE
from .sol_transaction import SOL_TRANSACTION
from .subscription import SUBSCRIPTION
from .subscription_plan import SUBSCRIPTION_PLAN
from .subscription_transaction import SUBSCRIPTION_TRANSACTION
from .swap import SWAP
from .table import Table
from .token_daily_value import TOKEN_DAILY_VALUE
from .uniswap_v2_pair import UNISWAP_V2_PAIR
from .uniswap_v3_pool import UNISWAP_V3_POOL
from .uniswap_v3_position import UNISWAP_V3_POSITION
from .user import USER
from .user_address import USER_ADDRESS
from .wallet import WALLET
from .yearn_vault import YEARN_VAULT

CREATION_ORDER: Final[tuple[Table, ...]] = (
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
    SAFE_ACCOUNT,
    SUBSCRIPTION_PLAN,
    SUBSCRIPTION,
    SAFE_OWNER,
    SAFE_DELEGATE,
    SAFE_MODULE,
    SAFE_MODULE_PERMISSION,
    SAFE_TRANSACTION,
    SAFE_CONFIRMATION,
    SAFE_DISCOUNT,
    CHAT,
    CHAT_MEMBER,
    MESSAGE,
    UNISWAP_V3_POOL,
    UNISWAP_V3_POSITION,
    UNISWAP_V2_PAIR,
    YEARN_VAULT,
    MORPHO_VAULT,
    APY_HISTORY,
    SOL_TRANSACTION,
    SOL_BALANCE_CHANGE,
    SUBSCRIPTION_TRANSACTION,
    PORTFOLIO_SNAPSHOT,
)
"""In the order in which the migrations create the foreign keys.

PostgreSQL judges the references to a removed row in that order, so the twin can do the same.
"""

VIEWS: Final[tuple[Table, ...]] = (TOKEN_DAILY_VALUE,)
"""The materialized views, which are read and refreshed."""


def _sort_by_references(tables: Sequence[Table]) -> tuple[Table, ...]:
    ordered: list[Table] = []
    waiting = list(tables)
    while waiting:
        placed = {table.name for table in ordered}
        ready = next(table for table in waiting if {key.target for key in table.foreign_keys} <= {*placed, table.name})
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)


TABLES: Final[tuple[Table, ...]] = _sort_by_references(CREATION_ORDER)
"""In an order in which rows may be written: what a row refers to is of a table before its own, or of its own."""

_PARTITION: Final = re.compile(r"_(default|[0-9]{4}_(0[1-9]|1[0-2]))$")
_BY_NAME: Final = {table.name: table for table in (*TABLES, *VIEWS)}
_BY_ENTITY: Final = {table.entity: table for table in (*TABLES, *VIEWS)}


def table_named(name: str) -> Table:
    """Return the table with a name; the name of a partition (``price_2026_01``) gives its parent. Raises KeyError."""
    table = _BY_NAME.get(name) or _BY_NAME[_PARTITION.sub("", name)]
    if table.name != name and table.partitioned_by is None:
        raise KeyError(name)
    return table


def table_of(entity: type[Any]) -> Table:
    """Return the table of an entity class. Raises KeyError."""
    return _BY_ENTITY[entity]
