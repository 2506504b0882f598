"""The materialized view of coins' daily prices."""

from strongroom.domain.pricing.token_daily_value import TokenDailyValue
from strongroom.ports.repositories.token_daily_value import TokenDailyValueRepository

from .declaration import declare

TOKEN_DAILY_VALUE = declare(
    TokenDailyValue,
    "token_daily_values_mv",
    repository=TokenDailyValueRepository,
    key=("coin_id", "day"),
    materialized=True,
    memory="strongroom.adapters.memory.token_daily_value:MemoryTokenDailyValueRepository",
    postgres="strongroom.adapters.postgres.token_daily_value:PostgresTokenDailyValueRepository",
)
