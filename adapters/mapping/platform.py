"""The platform's tables: every entity class that strongroom itself brings, and the migrations that make them."""

from typing import Final

from strongroom import migrations

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
from .model import Extension, Model
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
from .token_daily_value import TOKEN_DAILY_VALUE
from .uniswap_v2_pair import UNISWAP_V2_PAIR
from .uniswap_v3_pool import UNISWAP_V3_POOL
from .uniswap_v3_position import UNISWAP_V3_POSITION
from .user import USER
from .user_address import USER_ADDRESS
from .view_refresh import VIEW_REFRESH
from .wallet import WALLET
from .yearn_vault import YEARN_VAULT

_CREATION_ORDER: Final = (
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

PLATFORM: Final = Model(
    Extension(
        "pg",
        tables=(*_CREATION_ORDER, TOKEN_DAILY_VALUE),
        own_tables=(VIEW_REFRESH,),
        migrations=migrations.backend_folder(),
        prisma_migrations=migrations.frontend_folder(),
    )
)
"""The platform's entities: what a storage holds that is opened without another model."""
