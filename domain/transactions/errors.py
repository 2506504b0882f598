"""What can be wrong with blocks that are read, and with what is done to a subscription."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ..errors import DomainError


class HeadersNotLinked(DomainError):
    """Headers that were read together are no chain: of two chains, with a gap, or with a parent that is another."""

    def __init__(self, *, chain_id: int, number: int, reason: str) -> None:
        self.chain_id = chain_id
        self.number = number
        self.reason = reason
        super().__init__(f"block {number} of chain {chain_id} does not follow the one before: {reason}")


class BlocksMissing(DomainError):
    """A batch starts above the block after the stored head."""

    def __init__(self, *, chain_id: int, head: int, first: int) -> None:
        self.chain_id = chain_id
        self.head = head
        self.first = first
        super().__init__(f"chain {chain_id} is stored up to block {head}: a batch cannot start at {first}")


class ReorganisationDetected(DomainError):
    """A batch does not build on the stored head: the chain was reorganised.

    ``fork_number`` is the last block that is stored and still canonical, to which the chain has to be rolled
    back. It is None where the batch does not reach that deep: the fork lies below ``conflict_number``, the
    lowest block known to be another than the stored one, and older headers have to be read.
    """

    def __init__(self, *, chain_id: int, fork_number: int | None, conflict_number: int) -> None:
        self.chain_id = chain_id
        self.fork_number = fork_number
        self.conflict_number = conflict_number
        fork = f"after block {fork_number}" if fork_number is not None else f"below block {conflict_number}"
        super().__init__(f"chain {chain_id} was reorganised {fork}")


class NotLive(DomainError):
    """A subscription has ended: it can be neither renewed, nor cancelled, nor changed."""

    def __init__(self, subscription_id: UUID, *, at: datetime) -> None:
        self.subscription_id = subscription_id
        self.at = at
        super().__init__(f"subscription {subscription_id} is not live at {at.isoformat()}")


class WrongPlan(DomainError):
    """A plan is given that a subscription is not of, or that is not offered; ``reason`` says which."""

    def __init__(self, subscription_id: UUID, *, plan_id: UUID, reason: str) -> None:
        self.subscription_id = subscription_id
        self.plan_id = plan_id
        self.reason = reason
        super().__init__(f"plan {plan_id} for subscription {subscription_id}: {reason}")


class AlreadySubscribed(DomainError):
    """A user subscribes who has a live subscription."""

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        super().__init__(f"user {user_id} has a live subscription already")


class PaymentRefused(DomainError):
    """What is paid is not what is due, ``due_usd``; ``reason`` says how."""

    def __init__(self, subscription_id: UUID, *, due_usd: Decimal, reason: str) -> None:
        self.subscription_id = subscription_id
        self.due_usd = due_usd
        self.reason = reason
        super().__init__(f"subscription {subscription_id}: {reason}, where {due_usd:.2f} USD are due")


class PaymentNotFinal(DomainError):
    """What the chain says of a payment cannot be judged yet; ``reason`` says what is missing. To be tried again."""

    def __init__(self, payment_id: UUID, *, reason: str) -> None:
        self.payment_id = payment_id
        self.reason = reason
        super().__init__(f"payment {payment_id} cannot be settled yet: {reason}")


class PaymentMismatch(DomainError):
    """A payment's transaction does not pay it: its coin, recipient, amount or worth, ``field``, is another."""

    def __init__(self, payment_id: UUID, *, field: str, reason: str) -> None:
        self.payment_id = payment_id
        self.field = field
        self.reason = reason
        super().__init__(f"payment {payment_id} is not made by its transaction ({field}): {reason}")


class RefundRefused(DomainError):
    """A payment may not be refunded; ``reason`` says why."""

    def __init__(self, payment_id: UUID, *, reason: str) -> None:
        self.payment_id = payment_id
        self.reason = reason
        super().__init__(f"payment {payment_id} is not refunded: {reason}")
