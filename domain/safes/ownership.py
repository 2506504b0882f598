"""Who owns a Safe, who may propose to it, and how many owners have to agree.

The rules of the Safe contract's OwnerManager.sol (threshold) and of the Safe Transaction Service (delegates).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from ..values.address import ZERO_ADDRESS, parse_evm_address
from ..values.instants import utc_times
from .errors import MayNotPropose, OwnerRefused, ThresholdOutOfRange
from .safe_account import SafeAccount
from .safe_delegate import SafeDelegate
from .safe_owner import SafeOwner

SENTINEL_OWNER: Final = "0x" + "1".zfill(40)
"""The address that starts and ends the contract's list of owners."""


def require_owners(owners: Iterable[str], safe_address: str) -> list[str]:
    """Return the owners of a new Safe in lower case, in their order, as OwnerManager.setupOwners takes them.

    Raises OwnerRefused for the zero address, the sentinel and the Safe itself (GS203) and for an owner who is named
    twice (GS204), and ValueError for what is no EVM address.
    """
    known: list[str] = []
    safe = parse_evm_address(safe_address)
    reasons = {
        ZERO_ADDRESS: "it is the zero address (GS203)",
        SENTINEL_OWNER: "it is the sentinel of the list of owners (GS203)",
        safe: "it is the Safe itself (GS203)",
    }
    for owner in map(parse_evm_address, owners):
        reason = "it is named twice (GS204)" if owner in known else reasons.get(owner)
        if reason is not None:
            raise OwnerRefused(owner, reason=reason)
        known.append(owner)
    return known


@utc_times
def owners_at(owners: Iterable[SafeOwner], safe_id: UUID, at: datetime) -> frozenset[str]:
    """Return the addresses that own a Safe at a time, in lower case; owners of other Safes do not matter."""
    return frozenset(
        owner.owner_address
        for owner in owners
        if owner.safe_id == safe_id and owner.added_at <= at and (owner.removed_at is None or at < owner.removed_at)
    )


@utc_times
def delegates_at(
    delegates: Iterable[SafeDelegate], owners: Iterable[SafeOwner], safe_id: UUID, at: datetime
) -> frozenset[str]:
    """Return the addresses that may propose for owners of a Safe at a time, in lower case.

    A delegation counts from its making until just before it expires, for its one Safe or for all, and only
    while the delegator owns the Safe.
    """
    current = owners_at(owners, safe_id, at)
    return frozenset(
        delegate.delegate_address
        for delegate in delegates
        if delegate.safe_id in (None, safe_id)
        and delegate.delegator_address in current
        and delegate.created_at <= at
        and (delegate.expires_at is None or at < delegate.expires_at)
    )


def require_threshold(threshold: int, owner_count: int) -> None:
    """Raise ThresholdOutOfRange unless the threshold is within 1 and the number of owners: changeThreshold."""
    if not 1 <= threshold <= owner_count:
        raise ThresholdOutOfRange(threshold=threshold, owners=owner_count)


@utc_times
def require_may_propose(
    safe: SafeAccount,
    address: str,
    at: datetime,
    *,
    owners: Iterable[SafeOwner],
    delegates: Iterable[SafeDelegate] = (),
) -> None:
    """Raise MayNotPropose unless the address owns the Safe or is an owner's delegate at the time.

    Raises ValueError for what is no EVM address.
    """
    proposer = parse_evm_address(address)
    known = tuple(owners)
    if proposer not in owners_at(known, safe.id, at) | delegates_at(delegates, known, safe.id, at):
        raise MayNotPropose(safe.id, address=proposer, at=at)
