"""How PostgreSQL is reached: addresses, pool, time limits."""

from typing import Literal

from attrs import field, frozen, validators

from strongroom.adapters.pool_settings import PoolSettings

from .redaction import redacted


@frozen(kw_only=True)
class PostgresSettings(PoolSettings):
    """The addresses of a database, and the settings of a pool of connections to it.

    ``pooler="transaction"`` is for PgBouncer in transaction mode: no prepared statement is kept and no session state is
    used. ``direct_url`` is an address that goes past the pooler, for migrations and the change
    feed; ``url`` itself where there is none.
    """

    url: str = field(repr=redacted)
    direct_url: str | None = field(default=None, repr=lambda url: "None" if url is None else redacted(url))
    pooler: Literal["session", "transaction"] = field(
        default="session", validator=validators.in_(("session", "transaction"))
    )

    @property
    def is_pooled(self) -> bool:
        """Whether a transaction pooler stands between."""
        return self.pooler == "transaction"

    @property
    def unpooled_url(self) -> str:
        """The address for what needs a session of its own, past any pooler."""
        return self.direct_url or self.url
