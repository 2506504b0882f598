"""strongroom, the storage layer of a DeFi portfolio platform.

What services use stands here; each name is loaded when it is first asked for, so that importing the package is
quick and the twin needs no driver. Entities are imported from where they are defined:
``from strongroom.domain.positions.position import Position``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from strongroom.adapters.mapping.declaration import Reference, check, declare, index, unique
    from strongroom.adapters.mapping.model import Extension, Model
    from strongroom.adapters.mapping.platform import PLATFORM
    from strongroom.adapters.mapping.table import OnDelete
    from strongroom.adapters.memory import MemoryStorage
    from strongroom.bootstrap.opening import open_storage
    from strongroom.bootstrap.settings import SettingInvalid, Settings
    from strongroom.domain.errors import DomainError, InvalidValue, StrongroomError
    from strongroom.domain.transactions.errors import ReorganisationDetected
    from strongroom.ports.change_feed import MayHaveMissed, MessageAdded, PositionValued
    from strongroom.ports.clock import Clock, FixedClock, IdSource, SequentialIds, SystemClock, Uuid7Source
    from strongroom.ports.errors import (
        AlreadyExists,
        CommitUnknown,
        Conflict,
        ModelInvalid,
        NotFound,
        PoolTimeout,
        ReadOnlyServer,
        ReferenceMissing,
        SchemaMismatch,
        StaleVersion,
        StatementTimeout,
        StillReferenced,
        StorageError,
        StorageFull,
        StorageUnavailable,
        UnreadableRow,
        WrongEventLoop,
    )
    from strongroom.ports.storage import Isolation, Storage, Transaction
    from strongroom.ports.use_cases.add_safe import add_safe
    from strongroom.ports.use_cases.advance_subscriptions import advance_subscriptions
    from strongroom.ports.use_cases.assert_balances import assert_balances
    from strongroom.ports.use_cases.chat_membership import join_chat, leave_chat, start_chat
    from strongroom.ports.use_cases.follow_chain import BlockSource, ChainStep, follow_chain
    from strongroom.ports.use_cases.import_chain_data import import_chain_data
    from strongroom.ports.use_cases.import_entities import import_entities
    from strongroom.ports.use_cases.import_prices import import_prices
    from strongroom.ports.use_cases.import_tokens import import_tokens
    from strongroom.ports.use_cases.import_yields import import_yields
    from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
    from strongroom.ports.use_cases.portfolio_report import PortfolioReport, report_portfolio
    from strongroom.ports.use_cases.read_messages import mark_as_read, read_around, read_chat
    from strongroom.ports.use_cases.read_safe_transactions import read_history, read_nonce, read_queue
    from strongroom.ports.use_cases.record_flow import RecordedFlow, record_flow
    from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
    from strongroom.ports.use_cases.safe_transactions import (
        cancel_transaction,
        confirm_transaction,
        execute_transaction,
        propose_transaction,
        review_transactions,
    )
    from strongroom.ports.use_cases.settle_payments import refund_payment, settle_payment
    from strongroom.ports.use_cases.subscriptions import (
        Subscribe,
        cancel_at_period_end,
        change_plan,
        renew,
        resume,
        subscribe,
    )
    from strongroom.ports.use_cases.take_portfolio_snapshots import take_portfolio_snapshot, take_portfolio_snapshots
    from strongroom.ports.use_cases.value_portfolio import value_portfolio
    from strongroom.ports.use_cases.value_position import record_position_value, value_position
    from strongroom.ports.use_cases.write_messages import delete_message, edit_message, post_message

__version__: Final = "0.1.0"

__all__ = [
    "PLATFORM",
    "AlreadyExists",
    "Block",
    "BlockSource",
    "ChainStep",
    "Clock",
    "CommitUnknown",
    "Conflict",
    "DomainError",
    "Extension",
    "FixedClock",
    "IdSource",
    "InvalidValue",
    "Isolation",
    "MayHaveMissed",
    "MemoryStorage",
    "MessageAdded",
    "Model",
    "ModelInvalid",
    "NotFound",
    "OnDelete",
    "PoolTimeout",
    "PortfolioReport",
    "PositionValued",
    "ReadOnlyServer",
    "RecordedFlow",
    "Reference",
    "ReferenceMissing",
    "ReorganisationDetected",
    "SchemaMismatch",
    "SequentialIds",
    "SettingInvalid",
    "Settings",
    "StaleVersion",
    "StatementTimeout",
    "StillReferenced",
    "Storage",
    "StorageError",
    "StorageFull",
    "StorageUnavailable",
    "StrongroomError",
    "Subscribe",
    "SystemClock",
    "Transaction",
    "UnreadableRow",
    "Uuid7Source",
    "WrongEventLoop",
    "__version__",
    "add_safe",
    "advance_subscriptions",
    "assert_balances",
    "cancel_at_period_end",
    "cancel_transaction",
    "change_plan",
    "check",
    "confirm_transaction",
    "declare",
    "delete_message",
    "edit_message",
    "execute_transaction",
    "follow_chain",
    "import_chain_data",
    "import_entities",
    "import_prices",
    "import_tokens",
    "import_yields",
    "index",
    "ingest_blocks",
    "join_chat",
    "leave_chat",
    "mark_as_read",
    "open_storage",
    "post_message",
    "propose_transaction",
    "read_around",
    "read_chat",
    "read_history",
    "read_nonce",
    "read_queue",
    "record_flow",
    "record_position_value",
    "refund_payment",
    "renew",
    "report_portfolio",
    "resume",
    "review_transactions",
    "roll_back_chain",
    "settle_payment",
    "start_chat",
    "subscribe",
    "take_portfolio_snapshot",
    "take_portfolio_snapshots",
    "unique",
    "value_portfolio",
    "value_position",
]

_HOMES: Final = {
    "strongroom.ports.use_cases.value_position": ("value_position", "record_position_value"),
    "strongroom.ports.use_cases.import_yields": ("import_yields",),
    "strongroom.ports.use_cases.import_tokens": ("import_tokens",),
    "strongroom.ports.use_cases.assert_balances": ("assert_balances",),
    "strongroom.ports.use_cases.settle_payments": ("settle_payment", "refund_payment"),
    "strongroom.ports.use_cases.safe_transactions": (
        "propose_transaction",
        "confirm_transaction",
        "execute_transaction",
        "cancel_transaction",
        "review_transactions",
    ),
    "strongroom.ports.use_cases.read_safe_transactions": ("read_queue", "read_nonce", "read_history"),
    "strongroom.ports.use_cases.read_messages": ("read_chat", "read_around", "mark_as_read"),
    "strongroom.ports.use_cases.import_prices": ("import_prices",),
    "strongroom.ports.use_cases.import_entities": ("import_entities",),
    "strongroom.ports.use_cases.import_chain_data": ("import_chain_data",),
    "strongroom.ports.use_cases.chat_membership": ("start_chat", "join_chat", "leave_chat"),
    "strongroom.ports.use_cases.advance_subscriptions": ("advance_subscriptions",),
    "strongroom.ports.use_cases.add_safe": ("add_safe",),
    "strongroom.adapters.mapping.declaration": ("Reference", "check", "declare", "index", "unique"),
    "strongroom.adapters.mapping.model": ("Extension", "Model"),
    "strongroom.adapters.mapping.platform": ("PLATFORM",),
    "strongroom.adapters.mapping.table": ("OnDelete",),
    "strongroom.adapters.memory": ("MemoryStorage",),
    "strongroom.bootstrap.opening": ("open_storage",),
    "strongroom.bootstrap.settings": ("SettingInvalid", "Settings"),
    "strongroom.domain.errors": ("DomainError", "InvalidValue", "StrongroomError"),
    "strongroom.ports.change_feed": ("MayHaveMissed", "MessageAdded", "PositionValued"),
    "strongroom.ports.clock": ("Clock", "FixedClock", "IdSource", "SequentialIds", "SystemClock", "Uuid7Source"),
    "strongroom.ports.errors": (
        "AlreadyExists",
        "CommitUnknown",
        "Conflict",
        "ModelInvalid",
        "NotFound",
        "PoolTimeout",
        "ReadOnlyServer",
        "ReferenceMissing",
        "SchemaMismatch",
        "StaleVersion",
        "StatementTimeout",
        "StillReferenced",
        "StorageError",
        "StorageFull",
        "StorageUnavailable",
        "UnreadableRow",
        "WrongEventLoop",
    ),
    "strongroom.ports.storage": ("Isolation", "Storage", "Transaction"),
    "strongroom.ports.use_cases.portfolio_report": ("PortfolioReport", "report_portfolio"),
    "strongroom.ports.use_cases.record_flow": ("RecordedFlow", "record_flow"),
    "strongroom.ports.use_cases.follow_chain": ("BlockSource", "ChainStep", "follow_chain"),
    "strongroom.ports.use_cases.ingest_blocks": ("Block", "ingest_blocks"),
    "strongroom.ports.use_cases.roll_back_chain": ("roll_back_chain",),
    "strongroom.ports.use_cases.subscriptions": (
        "Subscribe",
        "subscribe",
        "renew",
        "change_plan",
        "cancel_at_period_end",
        "resume",
    ),
    "strongroom.ports.use_cases.take_portfolio_snapshots": ("take_portfolio_snapshots", "take_portfolio_snapshot"),
    "strongroom.ports.use_cases.write_messages": ("post_message", "edit_message", "delete_message"),
    "strongroom.domain.transactions.errors": ("ReorganisationDetected",),
    "strongroom.ports.use_cases.value_portfolio": ("value_portfolio",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
