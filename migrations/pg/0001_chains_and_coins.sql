-- requires: prisma/20260101000000_accounts
--
-- Chains, protocols and coins: what positions, prices and transactions refer to.

CREATE TYPE coin_standard AS ENUM ('native', 'erc20', 'erc721', 'spl');

CREATE TABLE chain (
    id bigint NOT NULL,
    family chain_family NOT NULL,
    name text COLLATE "C" NOT NULL,
    native_symbol text COLLATE "C" NOT NULL,
    explorer_url text COLLATE "C",
    finality_depth integer NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    CONSTRAINT chain_pkey PRIMARY KEY (id),
    CONSTRAINT chain_finality_depth_check CHECK (finality_depth >= 0),
    CONSTRAINT chain_id_check CHECK (id >= 0)
);
CREATE UNIQUE INDEX chain_name_key ON chain (name);

CREATE TABLE protocol (
    id uuid NOT NULL,
    slug text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    website text COLLATE "C",
    is_active boolean NOT NULL DEFAULT true,
    CONSTRAINT protocol_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX protocol_slug_key ON protocol (slug);

CREATE TABLE coin (
    id uuid NOT NULL,
    chain_id bigint NOT NULL,
    address text COLLATE "C" NOT NULL,
    standard coin_standard NOT NULL,
    symbol text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    decimals integer NOT NULL,
    coingecko_id text COLLATE "C",
    logo_url text COLLATE "C",
    is_stable boolean NOT NULL DEFAULT false,
    is_verified boolean NOT NULL DEFAULT false,
    CONSTRAINT coin_pkey PRIMARY KEY (id),
    CONSTRAINT coin_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE RESTRICT,
    CONSTRAINT coin_address_check CHECK (address ~ '^(0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$'),
    CONSTRAINT coin_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT coin_decimals_check CHECK (decimals >= 0 AND decimals <= 255)
);
CREATE UNIQUE INDEX coin_chain_id_address_key ON coin (chain_id, address);
CREATE INDEX coin_symbol_idx ON coin (symbol);

CREATE TABLE coin_data (
    coin_id uuid NOT NULL,
    market_cap_usd numeric(38, 18),
    fully_diluted_usd numeric(38, 18),
    volume_24h_usd numeric(38, 18),
    circulating_supply numeric(38, 18),
    total_supply numeric(38, 18),
    ath_usd numeric(38, 18),
    ath_at timestamptz,
    links jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT coin_data_pkey PRIMARY KEY (coin_id),
    CONSTRAINT coin_data_coin_id_fkey FOREIGN KEY (coin_id) REFERENCES coin (id) ON DELETE CASCADE,
    CONSTRAINT coin_data_ath_usd_check CHECK (ath_usd >= 0),
    CONSTRAINT coin_data_circulating_supply_check CHECK (circulating_supply >= 0),
    CONSTRAINT coin_data_fully_diluted_usd_check CHECK (fully_diluted_usd >= 0),
    CONSTRAINT coin_data_market_cap_usd_check CHECK (market_cap_usd >= 0),
    CONSTRAINT coin_data_total_supply_check CHECK (total_supply >= 0),
    CONSTRAINT coin_data_volume_24h_usd_check CHECK (volume_24h_usd >= 0)
);
