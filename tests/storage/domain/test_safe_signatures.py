"""The hashes of Safes' transactions and the signatures under them, against published ones."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.safes.errors import WrongSignature
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation, SignatureType
from strongroom.domain.safes.safe_module_permission import CallOperation
from strongroom.domain.safes.safe_transaction import SafeTransaction
from strongroom.domain.safes.safe_tx_hash import (
    DOMAIN_TYPEHASH,
    DOMAIN_TYPEHASH_WITHOUT_CHAIN,
    SAFE_TX_TYPEHASH,
    reverts_on_failure,
    safe_tx_hash,
)
from strongroom.domain.safes.signatures import require_signature, signature_type_of, signer_of
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.domain.values.secp256k1 import recover_address

PUBLISHED: Final = json.loads(Path(__file__).with_name("published_safe_transactions.json").read_text(encoding="utf-8"))
"""Transactions of real Safes that other programs have published, each with its hash and its signatures."""
NOW: Final = datetime(2024, 1, 1, tzinfo=UTC)
PROPOSED: Final = pytest.mark.parametrize("published", PUBLISHED, ids=[each["source"] for each in PUBLISHED])


def a_safe(published, **fields):
    """Return the Safe of a published transaction."""
    known = {
        "id": UUID(int=1),
        "user_id": UUID(int=2),
        "chain_id": published["chain_id"],
        "address": published["safe"],
        "threshold": 1,
        "singleton_address": ZERO_ADDRESS,
        "contract_version": published["version"],
        "created_at": NOW,
        "updated_at": NOW,
    }
    return SafeAccount(**known | fields)


def a_transaction(published, **fields):
    """Return a published transaction as it is stored."""
    known = {
        "id": UUID(int=3),
        "safe_id": UUID(int=1),
        "safe_tx_hash": published["safeTxHash"],
        "nonce": published["nonce"],
        "to_address": published["to"],
        "value_wei": int(published["value"]),
        "data": bytes.fromhex(published["data"][2:]),
        "operation": list(CallOperation)[published["operation"]],
        "proposer_address": ZERO_ADDRESS,
        "proposed_at": NOW,
        "safe_tx_gas": published["safeTxGas"],
        "base_gas": 0,
        "gas_price": 0,
        "gas_token": ZERO_ADDRESS,
        "refund_receiver": ZERO_ADDRESS,
    }
    return SafeTransaction(**known | fields)


def confirmations(published):
    """Return the confirmations of a published transaction."""
    return [
        SafeConfirmation(
            safe_transaction_id=UUID(int=3),
            owner_address=each["owner"],
            signature=bytes.fromhex(each["signature"][2:]),
            signature_type=SignatureType(each["type"]),
            confirmed_at=NOW,
        )
        for each in published["confirmations"]
    ]


@PROPOSED
def test_a_published_transaction_has_its_hash_and_its_signatures_are_their_owners(published):
    """The hash that the contract's version computes is the published one, and each owner's signature verifies."""
    transaction = a_transaction(published)
    assert safe_tx_hash(a_safe(published), transaction) == published["safeTxHash"]
    for confirmation in confirmations(published):
        require_signature(transaction, confirmation)


@PROPOSED
def test_every_field_of_a_transaction_changes_its_hash(published):
    """A hash stands for every field of the call, of gas and of refund, for the Safe and from 1.3.0 on for the chain."""
    safe, transaction = a_safe(published), a_transaction(published)
    other = "0x" + "7" * 40
    changes = {
        "to_address": other,
        "value_wei": 1,
        "data": b"other",
        "operation": CallOperation.DELEGATECALL,
        "nonce": 999,
        "safe_tx_gas": 5,
        "base_gas": 6,
        "gas_price": 7,
        "gas_token": other,
        "refund_receiver": other,
    }
    hashes = {safe_tx_hash(safe, evolve(transaction, **{name: value})) for name, value in changes.items()}
    hashes |= {safe_tx_hash(safe, transaction), safe_tx_hash(evolve(safe, address=other), transaction)}
    assert len(hashes) == len(changes) + 2
    knows_chain = not published["version"].startswith("1.1")
    assert (safe_tx_hash(evolve(safe, chain_id=999), transaction) != published["safeTxHash"]) == knows_chain


@pytest.mark.parametrize(
    "version", ["1.0.0", "1.1.0", "1.1.1", "1.2.0", "1.3.0", "1.3.0+L2", "1.4.0", "1.4.1", "1.4.1+L2"]
)
def test_versions_up_to_1_2_0_hash_without_the_chain(version):
    """Versions before 1.3.0 compute one hash on every chain, later ones another on each."""
    published = PUBLISHED[0]
    found = safe_tx_hash(a_safe(published, contract_version=version), a_transaction(published))
    assert (found == published["safeTxHash"]) == (version < "1.3")


@pytest.mark.parametrize("version", ["", "0.1.0", "1.5.0", "2.0.0", "1.3", "1.x.0", "\u0661.3.0"])
def test_other_versions_are_refused(version):
    """A version whose hashes are not known is refused by its field."""
    with pytest.raises(InvalidValue) as refused:
        safe_tx_hash(a_safe(PUBLISHED[0], contract_version=version), a_transaction(PUBLISHED[0]))
    assert refused.value.field == "contract_version"


def test_a_transaction_that_was_stored_without_gas_and_refund_has_no_hash_to_compute():
    """Rows from before the fields were stored say so, instead of guessing."""
    with pytest.raises(InvalidValue, match="without gas and refund"):
        safe_tx_hash(a_safe(PUBLISHED[0]), a_transaction(PUBLISHED[0], base_gas=None))


def test_the_type_hashes_are_those_of_the_contracts():
    """The constants that stand in Safe.sol."""
    assert SAFE_TX_TYPEHASH.hex() == "bb8310d486368db6bd6f849402fdd73ad53d316b5a4b2644ad6efe0f941286d8"
    assert DOMAIN_TYPEHASH.hex() == "47e79534a245952e8b16893a336b85a3d9ea9fa8c573f3d803afb92a79469218"
    assert DOMAIN_TYPEHASH_WITHOUT_CHAIN.hex() == "035aff83d86937d35b32e04f0ddc6ff469290eef2f1b692d8a815c89404d4749"


@PROPOSED
def test_a_signature_under_another_hash_or_by_another_owner_is_refused(published):
    """A key's signature verifies under its own hash alone, and every kind names its own owner alone."""
    for confirmation in confirmations(published):
        stranger = evolve(confirmation, owner_address="0x" + "7" * 40)
        with pytest.raises(WrongSignature):
            require_signature(a_transaction(published), stranger)
        if confirmation.signature_type in (SignatureType.EOA, SignatureType.ETH_SIGN):
            with pytest.raises(WrongSignature, match="it is that of"):
                require_signature(a_transaction(published, safe_tx_hash="0x" + "1" * 64), confirmation)


OWNER: Final = bytes.fromhex("0" * 24 + "ab" * 20)


@pytest.mark.parametrize(
    ("signature", "signer"),
    [
        (OWNER + bytes(32) + b"\x01", "0x" + "ab" * 20),
        (OWNER + (65).to_bytes(32, "big") + b"\0" + (3).to_bytes(32, "big") + b"sig", "0x" + "ab" * 20),
        (OWNER + (65).to_bytes(32, "big") + b"\0", None),
        (OWNER + (65).to_bytes(32, "big") + b"\0" + (4).to_bytes(32, "big") + b"sig", None),
        (OWNER + (64).to_bytes(32, "big") + b"\0" + (3).to_bytes(32, "big") + b"sig", None),
        (b"\1" + OWNER[1:] + bytes(32) + b"\x01", None),
        (OWNER + bytes(32) + b"\x01" + b"more", None),
        (OWNER + bytes(32) + b"\x02", None),
        (bytes(64) + b"\x1b", None),
        (b"", None),
    ],
)
def test_a_signature_names_its_owner_or_is_malformed(signature, signer):
    """Approved hashes and contracts are named by r; what has not the contract's form names nobody."""
    assert signer_of(signature, PUBLISHED[0]["safeTxHash"]) == signer


@given(st.binary(max_size=80))
def test_any_bytes_have_a_signer_or_none(signature):
    """Whatever bytes are given, they name an address or nobody, and one of no known kind names nobody."""
    signer = signer_of(signature, PUBLISHED[0]["safeTxHash"])
    assert signer is None or len(signer) == 42
    assert signature_type_of(signature) is not None or signer is None


def test_numbers_beyond_the_curve_recover_nothing():
    """0, the order and numbers that are no x of a point recover no address, as ecrecover."""
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    for r, s in ((0, 1), (1, 0), (order, 1), (1, order), (5, 1)):
        assert recover_address(b"\1" * 32, r, s, is_odd=False) is None


@pytest.mark.parametrize(
    ("version", "gas", "price", "reverts"),
    [
        ("1.4.1", 0, 0, True),
        ("1.3.0", 0, 0, True),
        ("1.2.0", 0, 0, False),
        ("1.4.1", 1, 0, False),
        ("1.4.1", 0, 1, False),
        ("1.4.1", None, None, False),
    ],
)
def test_only_a_transaction_without_gas_and_price_reverts_where_its_call_fails(version, gas, price, reverts):
    """GS013: from 1.3.0 on a call that fails reverts the execution, unless a gas limit or a price is set."""
    transaction = a_transaction(PUBLISHED[0], safe_tx_gas=gas, gas_price=price)
    assert reverts_on_failure(a_safe(PUBLISHED[0], contract_version=version), transaction) is reverts
