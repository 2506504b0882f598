"""The people who use the platform."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, checked


class UserStatus(Enum):
    """Whether a user may use the platform."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@frozen(kw_only=True, field_transformer=checked)
class User:
    """A person who uses the platform; an email belongs to one user, whatever its case."""

    id: UUID
    email: str | None = None
    display_name: str | None = None
    base_currency: str = "USD"
    status: UserStatus = UserStatus.ACTIVE
    created_at: datetime
    updated_at: datetime
    version: Count32 = 1
