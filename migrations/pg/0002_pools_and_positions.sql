-- requires: prisma/20260101000000_accounts
--
-- Pools, the positions that users hold in them, what the positions were worth, and what flowed in and out.

CREATE TYPE pool_kind AS ENUM ('uniswap_v2', 'uniswap_v3', 'yearn', 'morpho', 'lending', 'staking');
CREATE TYPE position_status AS ENUM ('active', 'closed');
CREATE TYPE valuation_source AS ENUM ('onchain', 'oracle', 'manual');
CREATE TYPE flow_kind AS ENUM ('deposit', 'withdrawal', 'fee');

CREATE TABLE nmt_pool (
    id uuid NOT NULL,
    chain_id bigint NOT NULL,
    protocol_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind pool_kind NOT NULL,
    external_id text COLLATE "C",
    apy numeric(24, 12),
    apy_base numeric(24, 12),
    apy_reward numeric(24, 12),
    tvl_usd numeric(38, 18) NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    indexed_block bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT nmt_pool_pkey PRIMARY KEY (id),
    CONSTRAINT nmt_pool_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_pool_protocol_id_fkey FOREIGN KEY (protocol_id) REFERENCES protocol (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_pool_address_check CHECK (address ~ '^(0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$'),
    CONSTRAINT nmt_pool_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT nmt_pool_indexed_block_check CHECK (indexed_block >= 0),
    CONSTRAINT nmt_pool_tvl_usd_check CHECK (tvl_usd >= 0),
    CONSTRAINT nmt_pool_version_check CHECK (version >= 0)
);
CREATE UNIQUE INDEX nmt_pool_chain_id_address_kind_key ON nmt_pool (chain_id, address, kind);
CREATE INDEX nmt_pool_chain_id_tvl_usd_idx ON nmt_pool (chain_id, tvl_usd);
CREATE INDEX nmt_pool_protocol_id_tvl_usd_idx ON nmt_pool (protocol_id, tvl_usd);

CREATE TABLE pool_token (
    pool_id uuid NOT NULL,
    position integer NOT NULL,
    coin_id uuid NOT NULL,
    weight numeric(24, 12),
    CONSTRAINT pool_token_pkey PRIMARY KEY (pool_id, position),
    CONSTRAINT pool_token_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE CASCADE,
    CONSTRAINT pool_token_coin_id_fkey FOREIGN KEY (coin_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT pool_token_position_check CHECK (position >= 0)
);
CREATE UNIQUE INDEX pool_token_pool_id_coin_id_key ON pool_token (pool_id, coin_id);
CREATE INDEX pool_token_coin_id_idx ON pool_token (coin_id);

-- A Safe's foreign key follows with the Safes. A wallet that holds positions cannot be removed: setting the
-- link to null would leave a position without its holder.
CREATE TABLE nmt_position (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    safe_id uuid,
    wallet_id uuid,
    pool_id uuid NOT NULL,
    status position_status NOT NULL DEFAULT 'active',
    shares numeric(78, 0) NOT NULL DEFAULT 0,
    cost_basis_usd numeric(38, 18) NOT NULL DEFAULT 0,
    realised_pnl_usd numeric(38, 18) NOT NULL DEFAULT 0,
    value_usd numeric(38, 18) NOT NULL DEFAULT 0,
    valued_at timestamptz,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT nmt_position_pkey PRIMARY KEY (id),
    CONSTRAINT nmt_position_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_position_wallet_id_fkey FOREIGN KEY (wallet_id) REFERENCES wallet (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_position_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_position_closed_check CHECK (
        (status = 'closed') = (closed_at IS NOT NULL) AND (closed_at IS NULL OR shares = 0)
    ),
    CONSTRAINT nmt_position_cost_basis_usd_check CHECK (cost_basis_usd >= 0),
    CONSTRAINT nmt_position_holder_check CHECK (num_nonnulls(safe_id, wallet_id) = 1),
    CONSTRAINT nmt_position_shares_check CHECK (
        shares >= 0
        AND shares <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT nmt_position_value_usd_check CHECK (value_usd >= 0),
    CONSTRAINT nmt_position_version_check CHECK (version >= 0)
);
CREATE INDEX nmt_position_user_id_opened_at_idx ON nmt_position (user_id, opened_at);
CREATE INDEX nmt_position_safe_id_opened_at_idx ON nmt_position (safe_id, opened_at);
CREATE INDEX nmt_position_wallet_id_opened_at_idx ON nmt_position (wallet_id, opened_at);
CREATE INDEX nmt_position_pool_id_opened_at_idx ON nmt_position (pool_id, opened_at);

CREATE TABLE nmt_position_valuation (
    position_id uuid NOT NULL,
    at timestamptz NOT NULL,
    value_usd numeric(38, 18) NOT NULL,
    shares numeric(78, 0) NOT NULL,
    price_per_share numeric(38, 18),
    source valuation_source NOT NULL,
    CONSTRAINT nmt_position_valuation_pkey PRIMARY KEY (position_id, at),
    CONSTRAINT nmt_position_valuation_position_id_fkey
    FOREIGN KEY (position_id) REFERENCES nmt_position (id) ON DELETE CASCADE,
    CONSTRAINT nmt_position_valuation_price_per_share_check CHECK (price_per_share >= 0),
    CONSTRAINT nmt_position_valuation_shares_check CHECK (
        shares >= 0
        AND shares <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT nmt_position_valuation_value_usd_check CHECK (value_usd >= 0)
) PARTITION BY RANGE (at);

CREATE TABLE nmt_position_valuation_default PARTITION OF nmt_position_valuation DEFAULT;
CREATE TABLE nmt_position_valuation_2026_01 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_02 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-02-01 00:00:00+00') TO ('2026-03-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_03 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_04 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-05-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_05 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-05-01 00:00:00+00') TO ('2026-06-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_06 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-06-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_07 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-08-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_08 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-08-01 00:00:00+00') TO ('2026-09-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_09 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-09-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_10 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2026-11-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_11 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2026_12 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_01 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_02 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_03 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-03-01 00:00:00+00') TO ('2027-04-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_04 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-04-01 00:00:00+00') TO ('2027-05-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_05 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-05-01 00:00:00+00') TO ('2027-06-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_06 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-06-01 00:00:00+00') TO ('2027-07-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_07 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-07-01 00:00:00+00') TO ('2027-08-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_08 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-08-01 00:00:00+00') TO ('2027-09-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_09 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-09-01 00:00:00+00') TO ('2027-10-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_10 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-10-01 00:00:00+00') TO ('2027-11-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_11 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-11-01 00:00:00+00') TO ('2027-12-01 00:00:00+00');
CREATE TABLE nmt_position_valuation_2027_12 PARTITION OF nmt_position_valuation
FOR VALUES FROM ('2027-12-01 00:00:00+00') TO ('2028-01-01 00:00:00+00');

CREATE TABLE nmt_position_flow (
    id uuid NOT NULL,
    position_id uuid NOT NULL,
    kind flow_kind NOT NULL,
    coin_id uuid NOT NULL,
    amount numeric(78, 0) NOT NULL,
    amount_usd numeric(38, 18) NOT NULL,
    shares_delta numeric(78, 0) NOT NULL,
    chain_id bigint,
    transaction_hash text COLLATE "C",
    log_index integer,
    at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT nmt_position_flow_pkey PRIMARY KEY (id),
    CONSTRAINT nmt_position_flow_position_id_fkey
    FOREIGN KEY (position_id) REFERENCES nmt_position (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_position_flow_coin_id_fkey FOREIGN KEY (coin_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT nmt_position_flow_amount_check CHECK (
        amount >= 1
        AND amount <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT nmt_position_flow_amount_usd_check CHECK (amount_usd >= 0),
    CONSTRAINT nmt_position_flow_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT nmt_position_flow_log_index_check CHECK (log_index >= 0),
    CONSTRAINT nmt_position_flow_shares_delta_check CHECK (
        shares_delta >= -115792089237316195423570985008687907853269984665640564039457584007913129639935
        AND shares_delta <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT nmt_position_flow_transaction_check CHECK (
        num_nonnulls(chain_id, transaction_hash, log_index) IN (0, 3)
    ),
    CONSTRAINT nmt_position_flow_transaction_hash_check CHECK (transaction_hash ~ '^0x[0-9a-f]{64}$')
);
CREATE UNIQUE INDEX nmt_position_flow_chain_id_transaction_hash_log_index_kind__key
ON nmt_position_flow (chain_id, transaction_hash, log_index, kind, coin_id) WHERE transaction_hash IS NOT NULL;
CREATE INDEX nmt_position_flow_position_id_at_idx ON nmt_position_flow (position_id, at);
CREATE INDEX nmt_position_flow_coin_id_idx ON nmt_position_flow (coin_id);

-- Refuses every update of a row as a check of the trigger's name would.
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % never changes', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
END
$$;
CREATE TRIGGER nmt_position_flow_immutable BEFORE UPDATE ON nmt_position_flow
FOR EACH ROW EXECUTE FUNCTION refuse_update();
