"""What is checked when an entity is made."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import attrs
import pytest
from support.holdings import START, a_position, balance_change, deposit

from strongroom.domain.accounts.user_address import UserAddress
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.errors import InvalidValue
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.values.address import ChainFamily
from strongroom.domain.values.fields import MAX_UINT256, field_type_of

EVM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
SOLANA = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


def a_wallet(**fields):
    """Return a wallet with these fields changed."""
    known = {"id": UUID(int=1), "user_id": UUID(int=2), "family": ChainFamily.EVM, "address": EVM}
    return Wallet(**known | {"connected_at": START} | fields)


def test_an_address_is_stored_in_lower_case_and_a_time_in_utc():
    """An address is stored in lower case and a time in UTC."""
    wallet = a_wallet(connected_at=datetime.fromisoformat("2024-01-01T02:00:00+02:00"))
    assert wallet.address == EVM.lower()
    assert wallet.connected_at.tzinfo is UTC
    assert wallet == a_wallet()


@pytest.mark.parametrize(("family", "address"), [(ChainFamily.EVM, SOLANA), (ChainFamily.SOLANA, EVM)])
def test_the_address_of_a_wallet_and_of_an_address_book_is_one_of_its_family(family, address):
    """The address of a wallet and of an address book is one of its family."""
    with pytest.raises(InvalidValue) as wallet:
        a_wallet(family=family, address=address)
    assert (wallet.value.entity, wallet.value.field) == ("Wallet", "address")
    with pytest.raises(InvalidValue) as kept:
        UserAddress(id=UUID(int=1), user_id=UUID(int=2), family=family, address=address, created_at=START)
    assert (kept.value.entity, kept.value.field) == ("UserAddress", "address")
    assert a_wallet(family=ChainFamily.SOLANA, address=SOLANA).address == SOLANA


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        (a_wallet, "address", EVM.replace("a", "A", 1)),
        (a_wallet, "label", "a\0b"),
        (a_wallet, "id", "1"),
        (a_wallet, "is_primary", 1),
        (a_wallet, "connected_at", datetime(2024, 1, 1)),  # noqa: DTZ001
        (a_position, "shares", MAX_UINT256 + 1),
        (a_position, "shares", -1),
        (a_position, "cost_basis_usd", Decimal(-1)),
        (a_position, "realised_pnl_usd", 1.5),
        (a_position, "status", "active"),
        (a_position, "opened_at", None),
        (lambda **fields: balance_change(EVM, **{"delta": 1} | fields), "delta", 0),
        (lambda **fields: attrs.evolve(deposit(1, 1), **fields), "amount", 0),
    ],
)
def test_a_wrong_value_is_refused_with_the_entity_and_the_field(make, field, value):
    """A wrong value is refused with the entity and the field."""
    with pytest.raises(InvalidValue) as refusal:
        make(**{field: value})
    assert refusal.value.field == field
    assert refusal.value.constraint is None
    assert refusal.value.entity in str(refusal.value)


@pytest.mark.parametrize(("decimals", "accepted"), [(0, True), (255, True), (256, False), (-1, False)])
def test_a_coin_has_0_to_255_decimals(decimals, accepted):
    """A coin has 0 to 255 decimals."""
    fields = {"id": UUID(int=1), "chain_id": 1, "address": EVM, "standard": CoinStandard.ERC20}
    if accepted:
        assert Coin(**fields, symbol="X", name="X", decimals=decimals).decimals == decimals
    else:
        with pytest.raises(InvalidValue):
            Coin(**fields, symbol="X", name="X", decimals=decimals)


def test_an_annotation_without_a_field_type_raises_type_error():
    """An annotation without a kind is an error of the program."""
    with pytest.raises(TypeError, match="no kind of field"):
        field_type_of(list[int])
