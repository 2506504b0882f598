"""The materialized view of coins' daily prices."""

from strongroom.domain.pricing.token_daily_value import TokenDailyValue

from .enums import ENUMS
from .table import Owner, declare

TOKEN_DAILY_VALUE = declare(
    TokenDailyValue,
    "token_daily_values_mv",
    repository="token_daily_values",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("coin_id", "day"),
    materialized=True,
)
