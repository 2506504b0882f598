"""The entities of Safes, protocols, analytics, subscriptions and chats: their fields, and the values they take."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import attrs
import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import ChatMember, MemberRole
from strongroom.domain.chat.message import Message, MessageKind
from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.domain.pricing.token_daily_value import TokenDailyValue
from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.domain.protocols.yearn_vault import YearnVault
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation, SignatureType
from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.domain.safes.safe_discount import SafeDiscount
from strongroom.domain.safes.safe_module import SafeModule
from strongroom.domain.safes.safe_module_permission import CallOperation, SafeModulePermission
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.transactions.sol_balance_change import SolBalanceChange
from strongroom.domain.transactions.sol_transaction import SolTransaction
from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.domain.values.field_types import (
    AnyAddress,
    Base58,
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FieldType,
    FixedPoint,
    Hex,
    Integer,
    JsonObject,
    Text,
    Timestamp,
    Uuid,
)
from strongroom.domain.values.fields import SolanaAddress, SolanaSignature, field_type_of

FIELDS = {
    SafeAccount: "id user_id chain_id address threshold nonce singleton_address fallback_handler? guard? "
    "contract_version deployed_at? created_at updated_at version",
    SafeOwner: "safe_id owner_address added_at removed_at?",
    SafeDelegate: "id safe_id? delegate_address delegator_address label expires_at? created_at",
    SafeModule: "id safe_id module_address name enabled_at disabled_at? config",
    SafeModulePermission: "id module_id target_address selector? token_address? max_value_wei max_token_amount? "
    "period_seconds? operation valid_from valid_until? created_at",
    SafeTransaction: "id safe_id safe_tx_hash nonce to_address value_wei data operation status proposer_address "
    "proposed_at executed_at? eth_transaction_hash? base_gas? gas_price? gas_token? refund_receiver? safe_tx_gas?",
    SafeConfirmation: "safe_transaction_id owner_address signature signature_type confirmed_at",
    SafeDiscount: "id safe_id plan_id? percent_bps reason valid_from valid_until? max_uses? uses",
    PortfolioSnapshot: "user_id day total_usd deposited_usd withdrawn_usd fees_usd pnl_usd by_protocol",
    UniswapV3Pool: "pool_id token0_id token1_id fee_pips tick_spacing sqrt_price_x96 tick liquidity "
    "fee_growth_global0_x128 fee_growth_global1_x128 block_number",
    UniswapV3Position: "position_id nft_token_id tick_lower tick_upper liquidity fee_growth_inside0_last_x128 "
    "fee_growth_inside1_last_x128 tokens_owed0 tokens_owed1",
    UniswapV2Pair: "pool_id token0_id token1_id reserve0 reserve1 total_supply k_last block_number is_fee_on",
    YearnVault: "pool_id asset_id version price_per_share total_assets total_supply deposit_limit? "
    "management_fee_bps performance_fee_bps is_shutdown strategies block_number",
    MorphoVault: "pool_id asset_id curator? guardian? fee_wad timelock_seconds total_assets total_supply "
    "allocations block_number",
    ApyHistory: "pool_id at apy? apy_base? apy_reward? tvl_usd?",
    TokenDailyValue: "coin_id day open high low close average samples",
    SolTransaction: "signature slot fee_lamports status at",
    SolBalanceChange: "signature account_index address mint? pre_amount post_amount decimals at",
    SubscriptionPlan: "id code name price_usd period_days features is_active period_months?",
    Subscription: "id user_id plan_id status current_period_start current_period_end cancel_at? created_at version "
    "anchor_at? time_zone trial_end?",
    SubscriptionTransaction: "id subscription_id discount_id? list_price_usd discount_usd paid_usd coin_id amount "
    "chain_id transaction_hash status at period_start? period_end?",
    Chat: "id kind title? created_by created_at last_message_at?",
    ChatMember: "chat_id user_id role joined_at left_at? last_read_message_id?",
    Message: "id chat_id sender_id reply_to_id? body kind metadata created_at edited_at? deleted_at?",
}
"""The fields of each entity in the order of its table's columns; a question mark where null is allowed."""

ENUMS: dict[type[Enum], str] = {
    CallOperation: "call delegatecall",
    SafeTxStatus: "proposed executable executed failed replaced cancelled",
    SignatureType: "eoa eth_sign contract approved_hash",
    SubscriptionStatus: "trialing active past_due cancelled expired",
    PaymentStatus: "pending confirmed failed refunded",
    ChatKind: "direct group support",
    MemberRole: "owner admin member",
    MessageKind: "text system transaction",
}

PLAIN = {
    AnyAddress: "0x" + "a" * 40,
    Date: date(2024, 1, 1),
    FixedPoint: Decimal(1),
    Boolean: True,
    Uuid: UUID(int=1),
    JsonObject: {},
    Timestamp: datetime(2024, 1, 1, tzinfo=UTC),
    Bytes: b"",
    Text: "x",
}


def plain(kind: FieldType):
    """Return a value that a kind accepts."""
    if isinstance(kind, Hex):
        return "0x" + "a" * 2 * kind.size
    if isinstance(kind, Base58):
        return base58.b58encode(b"\x01" * kind.size).decode()
    if isinstance(kind, Integer):
        return max(kind.low, 1)
    return next(iter(kind.enum)) if isinstance(kind, EnumMember) else PLAIN[type(kind)]


def make(entity, **fields):
    """Return an entity with a plain value in each field, and these changed."""
    known = {field.name: plain(field_type_of(field.type)[0]) for field in attrs.fields(entity)}
    return entity(**known | fields)


def numbers():
    """Return every field of a whole number, with the range of its kind."""
    fields = [(entity, field.name, field_type_of(field.type)[0]) for entity in FIELDS for field in attrs.fields(entity)]
    return [(entity, name, kind) for entity, name, kind in fields if isinstance(kind, Integer)]


@pytest.mark.parametrize(("entity", "names"), FIELDS.items())
def test_an_entity_has_the_fields_of_its_table_in_their_order(entity, names):
    """An entity has the fields of its table in their order."""
    fields = attrs.fields(entity)
    assert " ".join(field.name + "?" * field_type_of(field.type)[1] for field in fields) == names
    assert all(field.default is None for field in fields if field_type_of(field.type)[1])
    assert make(entity) == make(entity)


@pytest.mark.parametrize(("enum", "values"), ENUMS.items())
def test_an_enumeration_has_the_values_of_its_type_in_their_order(enum, values):
    """An enumeration has the values of its type in their order."""
    assert " ".join(member.value for member in enum) == values


@pytest.mark.parametrize(("entity", "name", "kind"), numbers())
def test_a_whole_number_is_within_its_range(entity, name, kind):
    """A whole number is within its range."""
    for value in (kind.low, kind.high):
        assert getattr(make(entity, **{name: value}), name) == value
    for value in (kind.low - 1, kind.high + 1):
        with pytest.raises(InvalidValue) as refused:
            make(entity, **{name: value})
        assert (refused.value.entity, refused.value.field) == (entity.__name__, name)


@pytest.mark.parametrize(
    ("entity", "name", "low", "high"),
    [
        (SafeAccount, "threshold", 1, 2**31 - 1),
        (SafeModulePermission, "period_seconds", 1, 2**31 - 1),
        (SafeDiscount, "percent_bps", 1, 10_000),
        (UniswapV3Pool, "fee_pips", 0, 999_999),
        (UniswapV3Pool, "tick", -887_272, 887_272),
        (UniswapV3Pool, "sqrt_price_x96", 0, 2**160 - 1),
        (UniswapV3Position, "liquidity", 0, 2**128 - 1),
        (UniswapV2Pair, "reserve0", 0, 2**112 - 1),
        (YearnVault, "performance_fee_bps", 0, 10_000),
        (MorphoVault, "fee_wad", 0, 5 * 10**17),
        (SolBalanceChange, "decimals", 0, 255),
    ],
)
def test_the_ranges_are_those_of_the_contracts(entity, name, low, high):
    """The ranges are those of the contracts."""
    kind = field_type_of(getattr(attrs.fields(entity), name).type)[0]
    assert (kind.low, kind.high) == (low, high)


@given(st.binary(min_size=0, max_size=70))
def test_an_address_and_a_signature_of_solana_are_the_base58_of_32_and_64_bytes(data):
    """An address and a signature of Solana are the base58 of 32 and 64 bytes."""
    written = base58.b58encode(data).decode()
    for annotation, size in ((SolanaAddress, 32), (SolanaSignature, 64)):
        assert (field_type_of(annotation)[0].validate(written) is None) == (len(data) == size)


@given(st.binary(min_size=32, max_size=32) | st.binary(min_size=64, max_size=64) | st.just(b"\0" * 32))
def test_a_base58_text_that_is_accepted_matches_its_pattern(data):
    """A base58 text that is accepted matches its pattern."""
    kind, written = Base58(len(data)), base58.b58encode(data).decode()
    assert kind.validate(written) is None
    assert kind.clean(written) == written


@pytest.mark.parametrize("value", ["0" * 44, "l" * 44, "1" * 31, "a\0", "", 7, b"1" * 32, "1" * 32 + "\n"])
def test_what_is_no_base58_of_32_bytes_is_no_address_of_solana(value):
    """What is no base58 of 32 bytes is no address of Solana."""
    assert field_type_of(SolanaAddress)[0].validate(value) is not None


@pytest.mark.parametrize("body", ["x", "x" * 10_000, "\U0001d518" * 10_000])
def test_a_message_has_1_to_10000_characters(body):
    """A message has 1 to 10000 characters."""
    assert make(Message, body=body).body == body


@pytest.mark.parametrize("body", ["", "x" * 10_001])
def test_a_message_is_neither_empty_nor_longer(body):
    """A message is neither empty nor longer."""
    with pytest.raises(InvalidValue, match="characters"):
        make(Message, body=body)


@pytest.mark.parametrize("selector", ["0xa9059cbb", "0xA9059CBB", None])
def test_a_selector_is_four_bytes_in_lower_case_or_any(selector):
    """A selector is four bytes in lower case or any."""
    assert make(SafeModulePermission, selector=selector).selector == (selector and selector.lower())


@pytest.mark.parametrize("selector", ["a9059cbb", "0xa9059cb", "0xa9059cbb0", "0xa9059cbg", ""])
def test_what_is_no_selector_is_refused(selector):
    """What is no selector is refused."""
    with pytest.raises(InvalidValue):
        make(SafeModulePermission, selector=selector)


@pytest.mark.parametrize("apy", ["-0.99", "0", "641809", "-641809"])
def test_negative_and_absurd_yields_are_data(apy):
    """Negative and absurd yields are data."""
    assert make(ApyHistory, apy=Decimal(apy)).apy == Decimal(apy)


def test_an_owner_is_written_in_lower_case():
    """An owner is written in lower case."""
    checksummed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert make(SafeOwner, owner_address=checksummed).owner_address == checksummed.lower()
