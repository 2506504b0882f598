-- requires: prisma/20260101000000_accounts
--
-- What indexers read off the chains: blocks, transactions, balance changes and swaps.

CREATE TYPE tx_status AS ENUM ('success', 'reverted');
CREATE TYPE balance_source AS ENUM ('log', 'value', 'gas', 'trace');
CREATE TYPE balance_change_kind AS ENUM ('transfer', 'mint', 'burn', 'gas', 'internal');

CREATE TABLE block_header (
    chain_id bigint NOT NULL,
    number bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    parent_hash text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT block_header_pkey PRIMARY KEY (chain_id, number),
    CONSTRAINT block_header_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE RESTRICT,
    CONSTRAINT block_header_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT block_header_hash_check CHECK (hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT block_header_number_check CHECK (number >= 0),
    CONSTRAINT block_header_parent_hash_check CHECK (parent_hash ~ '^0x[0-9a-f]{64}$')
);
CREATE UNIQUE INDEX block_header_chain_id_hash_key ON block_header (chain_id, hash);

CREATE TABLE indexer_checkpoint (
    chain_id bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    block_number bigint NOT NULL,
    block_hash text COLLATE "C" NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT indexer_checkpoint_pkey PRIMARY KEY (chain_id, stream),
    CONSTRAINT indexer_checkpoint_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES chain (id) ON DELETE CASCADE,
    CONSTRAINT indexer_checkpoint_block_hash_check CHECK (block_hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT indexer_checkpoint_block_number_check CHECK (block_number >= 0),
    CONSTRAINT indexer_checkpoint_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT indexer_checkpoint_version_check CHECK (version >= 0)
);

CREATE TABLE eth_transaction (
    chain_id bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    block_number bigint NOT NULL,
    block_hash text COLLATE "C" NOT NULL,
    transaction_index integer NOT NULL,
    from_address text COLLATE "C" NOT NULL,
    to_address text COLLATE "C",
    value_wei numeric(78, 0) NOT NULL,
    gas_used bigint NOT NULL,
    effective_gas_price numeric(78, 0) NOT NULL,
    nonce bigint NOT NULL,
    type smallint NOT NULL,
    contract_address text COLLATE "C",
    input bytea NOT NULL,
    status tx_status,
    at timestamptz NOT NULL,
    CONSTRAINT eth_transaction_pkey PRIMARY KEY (chain_id, hash),
    CONSTRAINT eth_transaction_block_hash_check CHECK (block_hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT eth_transaction_block_number_check CHECK (block_number >= 0),
    CONSTRAINT eth_transaction_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT eth_transaction_contract_address_check CHECK (contract_address ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT eth_transaction_effective_gas_price_check CHECK (
        effective_gas_price >= 0
        AND effective_gas_price <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT eth_transaction_from_address_check CHECK (from_address ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT eth_transaction_gas_used_check CHECK (gas_used >= 0),
    CONSTRAINT eth_transaction_hash_check CHECK (hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT eth_transaction_nonce_check CHECK (nonce >= 0),
    CONSTRAINT eth_transaction_to_address_check CHECK (to_address ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT eth_transaction_transaction_index_check CHECK (transaction_index >= 0),
    CONSTRAINT eth_transaction_type_check CHECK (type >= 0),
    CONSTRAINT eth_transaction_value_wei_check CHECK (
        value_wei >= 0
        AND value_wei <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    )
);
CREATE UNIQUE INDEX eth_transaction_chain_id_block_number_transaction_index_key
ON eth_transaction (chain_id, block_number, transaction_index);
CREATE INDEX eth_transaction_chain_id_from_address_block_number_idx
ON eth_transaction (chain_id, from_address, block_number);

CREATE TABLE balance_change (
    chain_id bigint NOT NULL,
    transaction_hash text COLLATE "C" NOT NULL,
    source balance_source NOT NULL,
    position integer NOT NULL,
    address text COLLATE "C" NOT NULL,
    block_number bigint NOT NULL,
    block_hash text COLLATE "C" NOT NULL,
    coin_id uuid NOT NULL,
    delta numeric(78, 0) NOT NULL,
    kind balance_change_kind NOT NULL,
    counterparty text COLLATE "C",
    at timestamptz NOT NULL,
    CONSTRAINT balance_change_pkey PRIMARY KEY (chain_id, transaction_hash, source, position, address),
    CONSTRAINT balance_change_coin_id_fkey FOREIGN KEY (coin_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT balance_change_address_check CHECK (address ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT balance_change_block_hash_check CHECK (block_hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT balance_change_block_number_check CHECK (block_number >= 0),
    CONSTRAINT balance_change_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT balance_change_counterparty_check CHECK (counterparty ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT balance_change_delta_check CHECK (
        delta >= -115792089237316195423570985008687907853269984665640564039457584007913129639935
        AND delta <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
        AND delta <> 0
    ),
    CONSTRAINT balance_change_position_check CHECK (position >= 0),
    CONSTRAINT balance_change_transaction_hash_check CHECK (transaction_hash ~ '^0x[0-9a-f]{64}$')
);
CREATE INDEX balance_change_address_coin_id_at_idx ON balance_change (address, coin_id, at);
CREATE INDEX balance_change_chain_id_block_number_idx ON balance_change (chain_id, block_number);
CREATE INDEX balance_change_coin_id_idx ON balance_change (coin_id);

CREATE TABLE swaps (
    id uuid NOT NULL,
    user_id uuid,
    chain_id bigint NOT NULL,
    transaction_hash text COLLATE "C" NOT NULL,
    log_index integer NOT NULL,
    pool_id uuid,
    coin_in_id uuid NOT NULL,
    coin_out_id uuid NOT NULL,
    amount_in numeric(78, 0) NOT NULL,
    amount_out numeric(78, 0) NOT NULL,
    value_usd numeric(38, 18),
    trader_address text COLLATE "C" NOT NULL,
    block_number bigint NOT NULL,
    block_hash text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT swaps_pkey PRIMARY KEY (id),
    CONSTRAINT swaps_user_id_fkey FOREIGN KEY (user_id) REFERENCES "user" (id) ON DELETE SET NULL,
    CONSTRAINT swaps_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE SET NULL,
    CONSTRAINT swaps_coin_in_id_fkey FOREIGN KEY (coin_in_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT swaps_coin_out_id_fkey FOREIGN KEY (coin_out_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT swaps_amount_in_check CHECK (
        amount_in >= 1
        AND amount_in <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT swaps_amount_out_check CHECK (
        amount_out >= 1
        AND amount_out <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT swaps_block_hash_check CHECK (block_hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT swaps_block_number_check CHECK (block_number >= 0),
    CONSTRAINT swaps_chain_id_check CHECK (chain_id >= 0),
    CONSTRAINT swaps_coins_check CHECK (coin_in_id <> coin_out_id),
    CONSTRAINT swaps_log_index_check CHECK (log_index >= 0),
    CONSTRAINT swaps_trader_address_check CHECK (trader_address ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT swaps_transaction_hash_check CHECK (transaction_hash ~ '^0x[0-9a-f]{64}$'),
    CONSTRAINT swaps_value_usd_check CHECK (value_usd >= 0)
);
CREATE UNIQUE INDEX swaps_chain_id_transaction_hash_log_index_key ON swaps (chain_id, transaction_hash, log_index);
CREATE INDEX swaps_user_id_at_idx ON swaps (user_id, at);
CREATE INDEX swaps_trader_address_at_idx ON swaps (trader_address, at);
CREATE INDEX swaps_pool_id_idx ON swaps (pool_id);
CREATE INDEX swaps_coin_in_id_idx ON swaps (coin_in_id);
CREATE INDEX swaps_coin_out_id_idx ON swaps (coin_out_id);
