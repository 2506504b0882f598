"""Enumerations: the PostgreSQL enum of every enumeration that a column holds."""

from enum import Enum
from typing import Final

from strongroom.domain.accounts.goal import GoalStatus
from strongroom.domain.accounts.user import UserStatus
from strongroom.domain.accounts.user_address import AddressKind
from strongroom.domain.chat.chat import ChatKind
from strongroom.domain.chat.chat_member import MemberRole
from strongroom.domain.chat.message import MessageKind
from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.coin import CoinStandard
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.safes.safe_confirmation import SignatureType
from strongroom.domain.safes.safe_module_permission import CallOperation
from strongroom.domain.safes.safe_transaction import SafeTxStatus
from strongroom.domain.transactions.balance_change import BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.eth_transaction import TxStatus
from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_transaction import PaymentStatus
from strongroom.domain.values.address import ChainFamily

ENUMS: Final[dict[type[Enum], str]] = {
    UserStatus: "user_status",
    ChainFamily: "chain_family",
    AddressKind: "address_kind",
    GoalStatus: "goal_status",
    CoinStandard: "coin_standard",
    PoolKind: "pool_kind",
    PositionStatus: "position_status",
    ValuationSource: "valuation_source",
    FlowKind: "flow_kind",
    PriceSource: "price_source",
    TxStatus: "tx_status",
    BalanceSource: "balance_source",
    BalanceChangeKind: "balance_change_kind",
    SubscriptionStatus: "subscription_status",
    CallOperation: "call_operation",
    SafeTxStatus: "safe_tx_status",
    SignatureType: "signature_type",
    ChatKind: "chat_kind",
    MemberRole: "member_role",
    MessageKind: "message_kind",
    PaymentStatus: "payment_status",
}
"""Members in the order of the PostgreSQL enum: values of an enumeration sort by it."""
