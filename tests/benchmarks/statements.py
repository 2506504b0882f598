"""The statements of the works as one writes them by hand; every contender that takes SQL is given these."""

from typing import Final

POSITION: Final = (
    "id",
    "user_id",
    "safe_id",
    "wallet_id",
    "pool_id",
    "status",
    "shares",
    "cost_basis_usd",
    "realised_pnl_usd",
    "value_usd",
    "valued_at",
    "opened_at",
    "closed_at",
    "created_at",
    "updated_at",
    "version",
)
VALUATION: Final = ("position_id", "at", "value_usd", "shares", "price_per_share", "source")
PRICE: Final = ("coin_id", "at", "source", "price_usd", "confidence")

_POSITION: Final = ", ".join(POSITION)
_VALUATION: Final = ", ".join(VALUATION)
_PRICE: Final = ", ".join(PRICE)

GET: Final = f"SELECT {_POSITION} FROM nmt_position WHERE id = $1"
FIND: Final = f"SELECT {_POSITION} FROM nmt_position WHERE user_id = $1 ORDER BY opened_at, id"
WIDE: Final = f"""
    SELECT {_VALUATION} FROM nmt_position_valuation WHERE position_id = $1 AND at >= $2 AND at < $3 ORDER BY at
"""
PAGE: Final = f"""
    SELECT {_PRICE} FROM price WHERE coin_id = $1 AND at > $2 AND at < $3 ORDER BY at, source LIMIT $4
"""
STREAM: Final = f"""
    SELECT {_PRICE} FROM price WHERE coin_id = $1 AND at >= $2 AND at < $3 ORDER BY at, source
"""
MILLION: Final = f"SELECT {_PRICE} FROM price ORDER BY coin_id, at, source"
AS_OF: Final = f"""
    SELECT {_PRICE} FROM price WHERE coin_id = $1 AND at <= $2 AND at >= $3 ORDER BY at DESC, source LIMIT 1
"""
PAIRS: Final = f"""
    SELECT {", ".join(f"newest.{name}" for name in PRICE)}
    FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
         WITH ORDINALITY AS asked (coin_id, latest, earliest, number)
    LEFT JOIN LATERAL (
        SELECT * FROM price
        WHERE price.coin_id = asked.coin_id AND price.at <= asked.latest AND price.at >= asked.earliest
        ORDER BY price.at DESC, price.source LIMIT 1
    ) AS newest ON true
    ORDER BY asked.number
"""
UPDATE: Final = f"""
    WITH valued AS (
        UPDATE nmt_position
        SET value_usd = CASE WHEN valued_at IS NULL OR valued_at <= $2 THEN $3::numeric(38,18) ELSE value_usd END,
            valued_at = CASE WHEN valued_at IS NULL OR valued_at <= $2 THEN $2 ELSE valued_at END,
            updated_at = $2,
            version = version + 1
        WHERE id = $1
        RETURNING {_POSITION}
    ),
    appended AS (
        INSERT INTO nmt_position_valuation (position_id, at, value_usd, shares, source)
        SELECT id, $2, $3, shares, 'onchain' FROM valued
    )
    SELECT {_POSITION} FROM valued
"""
INSERT_POSITION: Final = f"""
    INSERT INTO nmt_position ({_POSITION})
    VALUES ({", ".join(f"${number}" for number in range(1, len(POSITION) + 1))}) RETURNING {_POSITION}
"""
INSERT_VALUATION: Final = f"""
    INSERT INTO nmt_position_valuation ({_VALUATION})
    VALUES ({", ".join(f"${number}" for number in range(1, len(VALUATION) + 1))}) RETURNING {_VALUATION}
"""
