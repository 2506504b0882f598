"""What can be wrong with what is done to a Safe."""

from datetime import datetime
from uuid import UUID

from ..errors import DomainError


class ThresholdOutOfRange(DomainError):
    """A Safe's threshold is not within 1 and the number of its owners."""

    def __init__(self, *, threshold: int, owners: int) -> None:
        self.threshold = threshold
        self.owners = owners
        super().__init__(f"a threshold of {threshold} is not in 1..{owners}, the number of owners")


class OwnerRefused(DomainError):
    """No Safe can have this owner; ``reason`` says why, with the code with which the contract reverts."""

    def __init__(self, address: str, *, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(f"{address} cannot own the Safe: {reason}")


class NotAnOwner(DomainError):
    """Someone confirms or cancels who does not own the Safe at that time."""

    def __init__(self, safe_id: UUID, *, address: str, at: datetime) -> None:
        self.safe_id = safe_id
        self.address = address
        self.at = at
        super().__init__(f"{address} does not own Safe {safe_id} at {at.isoformat()}")


class MayNotPropose(DomainError):
    """Someone proposes who neither owns the Safe nor is the delegate of an owner at that time."""

    def __init__(self, safe_id: UUID, *, address: str, at: datetime) -> None:
        self.safe_id = safe_id
        self.address = address
        self.at = at
        super().__init__(f"{address} is neither an owner of Safe {safe_id} nor a delegate at {at.isoformat()}")


class AlreadyConfirmed(DomainError):
    """An owner confirms a transaction a second time."""

    def __init__(self, safe_transaction_id: UUID, *, address: str) -> None:
        self.safe_transaction_id = safe_transaction_id
        self.address = address
        super().__init__(f"{address} has already confirmed transaction {safe_transaction_id}")


class WrongSafe(DomainError):
    """A transaction, confirmation, owner or discount belongs to another Safe or transaction."""

    def __init__(self, *, expected: UUID, given: UUID) -> None:
        self.expected = expected
        self.given = given
        super().__init__(f"{given} was given where {expected} is dealt with")


class WrongStatus(DomainError):
    """A transaction is not in the state that a step needs; ``status`` is the state it is in."""

    def __init__(self, safe_transaction_id: UUID, *, status: str, step: str) -> None:
        self.safe_transaction_id = safe_transaction_id
        self.status = status
        self.step = step
        super().__init__(f"transaction {safe_transaction_id} is {status}: it cannot be {step}")


class NonceUsed(DomainError):
    """A transaction is proposed for a nonce that the Safe has used."""

    def __init__(self, safe_id: UUID, *, nonce: int, next_nonce: int) -> None:
        self.safe_id = safe_id
        self.nonce = nonce
        self.next_nonce = next_nonce
        super().__init__(f"Safe {safe_id} has used nonce {nonce}: its next is {next_nonce}")


class WrongSafeTxHash(DomainError):
    """A transaction is proposed with a hash that is not the one that the Safe computes, ``expected``."""

    def __init__(self, safe_id: UUID, *, expected: str, given: str) -> None:
        self.safe_id = safe_id
        self.expected = expected
        self.given = given
        super().__init__(f"Safe {safe_id} computes the hash {expected} of the transaction, not {given}")


class WrongSignature(DomainError):
    """A signature under a transaction is not its owner's; ``reason`` says whose or what it is."""

    def __init__(self, safe_transaction_id: UUID, *, address: str, reason: str) -> None:
        self.safe_transaction_id = safe_transaction_id
        self.address = address
        self.reason = reason
        super().__init__(f"the signature under transaction {safe_transaction_id} is not by {address}: {reason}")


class DiscountNotUsable(DomainError):
    """A discount is used outside its window, beyond its uses or for another plan; ``reason`` says which."""

    def __init__(self, discount_id: UUID, *, reason: str) -> None:
        self.discount_id = discount_id
        self.reason = reason
        super().__init__(f"discount {discount_id} cannot be used: {reason}")
