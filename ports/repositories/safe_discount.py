"""The repository of Safes' discounts."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_discount import SafeDiscount

from ..repository import Repository


class SafeDiscountRepository(Repository[SafeDiscount, UUID], Protocol):
    """Safes' discounts, by id."""
