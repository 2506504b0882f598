"""Enumerations: the PostgreSQL enum of every enumeration that a column holds."""

from enum import Enum
from typing import Final

from strongroom.domain.accounts.goal import GoalStatus
from strongroom.domain.accounts.user import UserStatus
from strongroom.domain.accounts.user_address import AddressKind
from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.coin import CoinStandard
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.transactions.balance_change import BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.eth_transaction import TxStatus
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
}
"""Members in the order of the PostgreSQL enum: values of an enumeration sort by it."""
