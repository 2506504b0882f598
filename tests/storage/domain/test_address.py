"""How addresses are read, stored and shown."""

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.values.address import (
    Address,
    ChainFamily,
    checksum_evm_address,
    family_of,
    parse_evm_address,
    parse_solana_address,
)

EIP_55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
SOLANA = [
    "11111111111111111111111111111111",
    "So11111111111111111111111111111111111111112",
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
]
evm_addresses = st.binary(min_size=20, max_size=20).map(lambda octets: "0x" + octets.hex())


@pytest.mark.parametrize("address", EIP_55)
def test_the_vectors_of_eip_55_are_shown_as_the_eip_writes_them(address):
    """The vectors of EIP-55 are shown as the EIP writes them."""
    assert checksum_evm_address(address.lower()) == address
    assert Address.parse(ChainFamily.EVM, address).display == address


@given(evm_addresses)
def test_an_evm_address_is_stored_in_lower_case_however_it_is_rightly_written(address):
    """An EVM address is stored in lower case however it is rightly written."""
    for written in (address, "0x" + address[2:].upper(), checksum_evm_address(address)):
        assert parse_evm_address(written) == address
    assert family_of(address) is ChainFamily.EVM


@given(evm_addresses, st.integers(0, 39))
def test_one_letter_in_the_wrong_case_is_refused(address, place):
    """One letter in the wrong case is refused."""
    digits = list(checksum_evm_address(address)[2:])
    digits[place] = digits[place].swapcase()
    wrong = "".join(digits)
    if wrong in (wrong.lower(), wrong.upper()) or digits[place].isdigit():
        return
    with pytest.raises(ValueError, match="EIP-55"):
        parse_evm_address("0x" + wrong)


@given(st.text())
def test_a_text_is_an_evm_address_or_is_refused_with_what_is_wrong(text):
    """A text is an EVM address or is refused with what is wrong."""
    with pytest.raises(ValueError, match="is not an EVM address"):
        parse_evm_address(text)


@pytest.mark.parametrize("wrong", ["0x" + "1" * 39, "0x" + "1" * 41, "0X" + "1" * 40, "0x" + "1" * 40 + "\n", "1" * 40])
def test_an_evm_address_has_0x_and_40_digits_and_nothing_else(wrong):
    """An EVM address has 0x and 40 digits and nothing else."""
    with pytest.raises(ValueError, match="is not an EVM address"):
        parse_evm_address(wrong)


@pytest.mark.parametrize("address", SOLANA)
def test_known_solana_addresses_keep_their_case(address):
    """Known Solana addresses keep their case."""
    assert parse_solana_address(address) == address
    assert Address.parse(ChainFamily.SOLANA, address).display == address
    assert family_of(address) is ChainFamily.SOLANA


@given(st.binary(min_size=32, max_size=32))
def test_every_32_bytes_in_base58_are_a_solana_address(octets):
    """Every 32 bytes in base58 are a Solana address."""
    address = base58.b58encode(octets).decode()
    assert parse_solana_address(address) == address


@given(st.binary(max_size=64).filter(lambda octets: len(octets) != 32))
def test_bytes_of_any_other_number_are_no_solana_address(octets):
    """Bytes of any other number are no Solana address."""
    with pytest.raises(ValueError, match="is not a Solana address"):
        parse_solana_address(base58.b58encode(octets).decode())


@pytest.mark.parametrize("wrong", [SOLANA[2] + "\n", SOLANA[2] + " ", " " + SOLANA[2], SOLANA[2][:-1] + "0", "é" * 40])
def test_white_space_and_digits_that_base58_has_not_are_refused_in_a_solana_address(wrong):
    """White space and digits that base58 has not are refused in a Solana address."""
    with pytest.raises(ValueError, match="is not a Solana address"):
        parse_solana_address(wrong)
