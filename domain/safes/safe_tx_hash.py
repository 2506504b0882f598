"""The hash of a Safe's transaction that owners sign: EIP-712, as each version of the contract computes it.

- From 1.0.0 on the struct is SafeTx with ``baseGas``, ``Safe.sol``'s SAFE_TX_TYPEHASH.
- Up to 1.2.0 the domain is the contract's address alone, from 1.3.0 on the chain's id and the address.

See safe-smart-account, getTransactionHash, and https://eips.ethereum.org/EIPS/eip-712.
"""

from typing import Final

from eth_hash.auto import keccak

from ..errors import InvalidValue
from .safe_account import SafeAccount
from .safe_module_permission import CallOperation
from .safe_transaction import SafeTransaction

SAFE_TX_TYPEHASH: Final = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    b"address gasToken,address refundReceiver,uint256 nonce)"
)
DOMAIN_TYPEHASH: Final = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
DOMAIN_TYPEHASH_WITHOUT_CHAIN: Final = keccak(b"EIP712Domain(address verifyingContract)")
FIRST_VERSION: Final = (1, 0, 0)
_CHAIN_IN_DOMAIN: Final = (1, 3, 0)
_REVERTS_WITHOUT_GAS: Final = (1, 3, 0)
_BEYOND: Final = (1, 5, 0)
_OPERATIONS: Final = {CallOperation.CALL: 0, CallOperation.DELEGATECALL: 1}


def version_of(safe: SafeAccount) -> tuple[int, int, int]:
    """Return the version of a Safe's contract, (1, 3, 0) of ``1.3.0+L2``.

    Raises InvalidValue for one that is not from 1.0.0 to 1.4.1, whose hash is not known here.
    """
    parts = safe.contract_version.partition("+")[0].split(".")
    if len(parts) == 3 and all(part.isascii() and part.isdecimal() for part in parts):
        version = (int(parts[0]), int(parts[1]), int(parts[2]))
        if FIRST_VERSION <= version < _BEYOND:
            return version
    reason = f"the hashes of version {safe.contract_version[:50]!r} are not known: 1.0.0 to 1.4.1 are"
    raise InvalidValue("SafeAccount", field="contract_version", reason=reason)


def domain_separator(safe: SafeAccount) -> bytes:
    """Return the EIP-712 domain of a Safe: domainSeparator. Raises InvalidValue for an unknown version."""
    if version_of(safe) < _CHAIN_IN_DOMAIN:
        return keccak(DOMAIN_TYPEHASH_WITHOUT_CHAIN + _address(safe.address))
    return keccak(DOMAIN_TYPEHASH + _uint(safe.chain_id) + _address(safe.address))


def safe_tx_hash(safe: SafeAccount, transaction: SafeTransaction) -> str:
    """Return the hash that owners sign: getTransactionHash, as ``0x`` and 64 hex digits.

    Raises InvalidValue for an unknown version, and for a transaction that was stored without its gas and refund.
    """
    gas, base_gas, price = transaction.safe_tx_gas, transaction.base_gas, transaction.gas_price
    token, receiver = transaction.gas_token, transaction.refund_receiver
    if gas is None or base_gas is None or price is None or token is None or receiver is None:
        reason = "it was stored without gas and refund, which its hash depends on"
        raise InvalidValue("SafeTransaction", field="safe_tx_gas", reason=reason)
    struct = keccak(
        SAFE_TX_TYPEHASH
        + _address(transaction.to_address)
        + _uint(transaction.value_wei)
        + keccak(transaction.data)
        + _uint(_OPERATIONS[transaction.operation])
        + _uint(gas)
        + _uint(base_gas)
        + _uint(price)
        + _address(token)
        + _address(receiver)
        + _uint(transaction.nonce)
    )
    return "0x" + keccak(b"\x19\x01" + domain_separator(safe) + struct).hex()


def reverts_on_failure(safe: SafeAccount, transaction: SafeTransaction) -> bool:
    """Say whether the contract reverts where the inner call fails, and so keeps the nonce (GS013).

    From 1.3.0 on it does without a gas limit and a gas price; with either it emits ExecutionFailure. A transaction that
    was stored without them is taken to have one.
    """
    if transaction.safe_tx_gas != 0 or transaction.gas_price != 0:
        return False
    return version_of(safe) >= _REVERTS_WITHOUT_GAS


def _uint(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _address(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
