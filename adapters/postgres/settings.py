"""How PostgreSQL is reached: addresses, pool, time limits."""

from typing import Literal

from attrs import field, frozen, validators

from .redaction import redacted


@frozen(kw_only=True)
class PostgresSettings:
    """The settings of a pool; times are in seconds.

    ``pooler="transaction"`` is for PgBouncer in transaction mode: no prepared statement is kept and no session state is
    used. ``direct_url`` is an address that goes past the pooler, for migrations and the change
    feed; ``url`` itself where there is none.
    """

    url: str = field(repr=redacted)
    direct_url: str | None = field(default=None, repr=lambda url: "None" if url is None else redacted(url))
    min_size: int = field(default=10, validator=validators.ge(0))
    max_size: int = field(default=30, validator=validators.ge(1))
    acquire_timeout: float = field(default=30.0, validator=validators.gt(0))
    connect_timeout: float = field(default=10.0, validator=validators.gt(0))
    close_timeout: float = field(default=10.0, validator=validators.gt(0))
    statement_timeout: float = field(default=60.0, validator=validators.ge(0))
    idle_in_transaction_timeout: float = field(default=60.0, validator=validators.ge(0))
    application_name: str = "strongroom"
    pooler: Literal["session", "transaction"] = field(
        default="session", validator=validators.in_(("session", "transaction"))
    )

    def __attrs_post_init__(self) -> None:
        if self.min_size > self.max_size:
            message = f"min_size ({self.min_size}) is more than max_size ({self.max_size})"
            raise ValueError(message)

    @property
    def is_pooled(self) -> bool:
        """Whether a transaction pooler stands between."""
        return self.pooler == "transaction"

    @property
    def unpooled_url(self) -> str:
        """The address for what needs a session of its own, past any pooler."""
        return self.direct_url or self.url
