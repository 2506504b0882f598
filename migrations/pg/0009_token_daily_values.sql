-- The prices of coins by day (UTC). The average is weighted by the time for which each price held within its day.
--
-- div and the multiplication round half up exactly, at 18 places; a plain division would round twice.

CREATE MATERIALIZED VIEW token_daily_values_mv AS
WITH sample AS (
    SELECT DISTINCT ON (coin_id, at)
        coin_id,
        at,
        price_usd,
        (at AT TIME ZONE 'UTC')::date AS day
    FROM price
    ORDER BY coin_id ASC, at ASC, source ASC
),
weighted AS (
    SELECT
        coin_id,
        day,
        at,
        price_usd,
        (
            extract(EPOCH FROM lead(at, 1, (day + 1)::timestamp AT TIME ZONE 'UTC') OVER of_day - at) * 1000000
        )::bigint AS span
    FROM sample
    WINDOW of_day AS (PARTITION BY coin_id, day ORDER BY at)
)
SELECT
    coin_id,
    day,
    (array_agg(price_usd ORDER BY at ASC))[1]::numeric(38, 18) AS open,
    max(price_usd)::numeric(38, 18) AS high,
    min(price_usd)::numeric(38, 18) AS low,
    (array_agg(price_usd ORDER BY at DESC))[1]::numeric(38, 18) AS close,
    (
        div(2 * sum(price_usd * span) * 1000000000000000000 + sum(span), 2 * sum(span)) * 0.000000000000000001
    )::numeric(38, 18) AS average,
    count(*) AS samples
FROM weighted
GROUP BY coin_id, day;

-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX token_daily_values_mv_coin_id_day_key ON token_daily_values_mv (coin_id, day);

-- When a materialized view was last refreshed: PostgreSQL itself does not say.
CREATE TABLE strongroom_view_refresh (
    view_name text COLLATE "C" NOT NULL,
    refreshed_at timestamptz NOT NULL,
    CONSTRAINT strongroom_view_refresh_pkey PRIMARY KEY (view_name)
);
