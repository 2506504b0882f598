"""Addresses on chains: EIP-55 on display and lower-case in storage for EVM, base58 with its case kept for Solana."""

import re
from enum import Enum
from typing import Final

import base58
from attrs import frozen
from eth_hash.auto import keccak

EVM_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
ZERO_ADDRESS: Final = "0x" + "0" * 40
"""The EVM zero address: the sender of a mint, the receiver of a burn, and the address of a chain's native coin."""
SOLANA_ADDRESS: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
SOLANA_ADDRESS_BYTES: Final = 32


class ChainFamily(Enum):
    """The families of chains, which decide how an address is written."""

    EVM = "evm"
    SOLANA = "solana"


def checksum_evm_address(address: str) -> str:
    """Return an EVM address with the mixed case of EIP-55 (https://eips.ethereum.org/EIPS/eip-55)."""
    digits = address[2:].lower()
    nibbles = keccak(digits.encode("ascii")).hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, nibbles, strict=False)
    )


def parse_evm_address(text: str) -> str:
    """Return an EVM address as it is stored: ``0x`` and 40 lower-case hex digits.

    All lower-case and all upper-case digits are taken as they are; mixed case must carry a correct
    EIP-55 checksum. Raises ValueError with what is wrong.
    """
    if not EVM_ADDRESS.fullmatch(text):
        message = f"{text!r} is not an EVM address: 0x and 40 hex digits are expected"
        raise ValueError(message)
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()):
        return text.lower()
    if checksum_evm_address(text) != text:
        message = (
            f"{text!r} has an invalid EIP-55 checksum: copy it again, or write it in lower case to go without the check"
        )
        raise ValueError(message)
    return text.lower()


def parse_solana_address(text: str) -> str:
    """Return a Solana address as it is stored: base58 of 32 bytes, case kept. Raises ValueError."""
    if not SOLANA_ADDRESS.fullmatch(text):
        message = f"{text!r} is not a Solana address: 32 to 44 base58 digits are expected"
        raise ValueError(message)
    decoded = base58.b58decode(text)
    if len(decoded) != SOLANA_ADDRESS_BYTES:
        message = f"{text!r} is not a Solana address: {len(decoded)} bytes where 32 are expected"
        raise ValueError(message)
    return text


def parse_address(family: ChainFamily, text: str) -> str:
    """Return an address of a family as it is stored. Raises ValueError with what is wrong."""
    return parse_evm_address(text) if family is ChainFamily.EVM else parse_solana_address(text)


def family_of(address: str) -> ChainFamily:
    """Return the family of a stored address: EVM addresses start with ``0x``, and base58 has no digit 0."""
    return ChainFamily.EVM if address.startswith("0x") else ChainFamily.SOLANA


@frozen
class Address:
    """An address of a family; ``text`` is its stored form, ``display`` the form for people."""

    family: ChainFamily
    text: str

    @classmethod
    def parse(cls, family: ChainFamily, text: str) -> "Address":
        """Return the address that the text writes. Raises ValueError with what is wrong."""
        return cls(family, parse_address(family, text))

    @property
    def display(self) -> str:
        """The address for people: EIP-55 on EVM chains, base58 on Solana."""
        return checksum_evm_address(self.text) if self.family is ChainFamily.EVM else self.text

    def __str__(self) -> str:
        return self.display
