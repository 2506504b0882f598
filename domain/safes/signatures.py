"""Whether a signature under a Safe's transaction is its owner's, as far as that can be told without the chain.

The cases are those of checkNSignatures (safe-smart-account, Safe.sol), by the last byte v of r, s and v:

- v of 27 or 28: the owner's key signed the hash; checked.
- v of 31 or 32: it signed the hash as a message (eth_sign); checked.
- v of 1: the owner approved the hash on the chain, or sends the transaction; that r names the owner is checked, the
  approval stands on the chain.
- v of 0: the owner is a contract; that r names it and that its own signature follows is checked, what the contract says
  to it (EIP-1271) stands on the chain.
"""

from typing import Final

from eth_hash.auto import keccak

from ..values.secp256k1 import recover_address
from .errors import WrongSignature
from .safe_confirmation import SafeConfirmation, SignatureType
from .safe_transaction import SafeTransaction

STATIC_BYTES: Final = 65
_MESSAGE_PREFIX: Final = b"\x19Ethereum Signed Message:\n32"
_ETH_SIGN_OFFSET: Final = 4
_ODD: Final = 28


def signature_type_of(signature: bytes) -> SignatureType | None:
    """Return how a signature was made, by its last byte v; None for one of no known kind."""
    if len(signature) < STATIC_BYTES:
        return None
    v = signature[STATIC_BYTES - 1]
    if v == 0:
        return SignatureType.CONTRACT
    if len(signature) > STATIC_BYTES:
        return None
    if v == 1:
        return SignatureType.APPROVED_HASH
    return {27: SignatureType.EOA, 28: SignatureType.EOA, 31: SignatureType.ETH_SIGN, 32: SignatureType.ETH_SIGN}.get(v)


def signer_of(signature: bytes, safe_tx_hash: str) -> str | None:
    """Return the address that a signature names or recovers to, in lower case; None for a malformed one."""
    kind = signature_type_of(signature)
    if kind is None:
        return None
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    if kind in (SignatureType.APPROVED_HASH, SignatureType.CONTRACT):
        if any(r[:12]) or (kind is SignatureType.CONTRACT and not _has_inner_signature(signature, s)):
            return None
        return "0x" + r[12:].hex()
    digest = bytes.fromhex(safe_tx_hash[2:])
    if kind is SignatureType.ETH_SIGN:
        digest, v = keccak(_MESSAGE_PREFIX + digest), v - _ETH_SIGN_OFFSET
    return recover_address(digest, int.from_bytes(r, "big"), s, is_odd=v == _ODD)


def require_signature(transaction: SafeTransaction, confirmation: SafeConfirmation) -> None:
    """Raise WrongSignature unless a confirmation's signature is its owner's for the transaction's hash."""
    kind = signature_type_of(confirmation.signature)
    if kind is not confirmation.signature_type:
        found = kind.value if kind else "of no known kind"
        reason = f"the signature is {found}, and {confirmation.signature_type.value} was said"
        raise WrongSignature(transaction.id, address=confirmation.owner_address, reason=reason)
    signer = signer_of(confirmation.signature, transaction.safe_tx_hash)
    if signer != confirmation.owner_address:
        reason = f"it is that of {signer}" if signer else "it is malformed"
        raise WrongSignature(transaction.id, address=confirmation.owner_address, reason=reason)


def _has_inner_signature(signature: bytes, offset: int) -> bool:
    """Say whether the contract's own signature follows the static part, with its length before it."""
    length_at = STATIC_BYTES
    if offset < STATIC_BYTES or len(signature) < length_at + 32:
        return False
    return int.from_bytes(signature[length_at : length_at + 32], "big") == len(signature) - length_at - 32
