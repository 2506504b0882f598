"""Adds a Safe with its owners, as the chain has it."""

from collections.abc import Sequence
from datetime import datetime

from strongroom.domain.safes.ownership import require_owners, require_threshold
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.values.instants import as_utc

from ..repositories.safe_account import CreateSafe
from ..storage import Transaction, UnitOfWork


async def add_safe(
    storage: UnitOfWork, command: CreateSafe, owners: Sequence[str], *, since: datetime | None = None
) -> SafeAccount:
    """Add a Safe and its owners, who own it since a time (the clock's now unless given): both or neither.

    Raises OwnerRefused for an owner that the contract refuses, ThresholdOutOfRange unless the threshold is within 1 and
    the number of owners, ValueError for an owner that is no EVM address, AlreadyExists when the chain has a Safe at the
    address, and ReferenceMissing.
    """
    different = sorted(require_owners(owners, command.address))
    require_threshold(command.threshold, len(different))

    async def work(transaction: Transaction) -> SafeAccount:
        safe = await transaction.safes.create(command)
        added_at = as_utc(since) or transaction.safes.now()
        rows = [SafeOwner(safe_id=safe.id, owner_address=owner, added_at=added_at) for owner in different]
        await transaction.safe_owners.bulk_upsert(rows)
        return safe

    return await storage.run(work)
