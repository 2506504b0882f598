-- What the protocols' contracts hold of pools and positions.

CREATE TABLE uniswap_v3_pool (
    pool_id uuid NOT NULL,
    token0_id uuid NOT NULL,
    token1_id uuid NOT NULL,
    fee_pips integer NOT NULL,
    tick_spacing integer NOT NULL,
    sqrt_price_x96 numeric(78, 0) NOT NULL,
    tick integer NOT NULL,
    liquidity numeric(78, 0) NOT NULL,
    fee_growth_global0_x128 numeric(78, 0) NOT NULL,
    fee_growth_global1_x128 numeric(78, 0) NOT NULL,
    block_number bigint NOT NULL,
    CONSTRAINT uniswap_v3_pool_pkey PRIMARY KEY (pool_id),
    CONSTRAINT uniswap_v3_pool_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE CASCADE,
    CONSTRAINT uniswap_v3_pool_token0_id_fkey FOREIGN KEY (token0_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT uniswap_v3_pool_token1_id_fkey FOREIGN KEY (token1_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT uniswap_v3_pool_block_number_check CHECK (block_number >= 0),
    CONSTRAINT uniswap_v3_pool_fee_growth_global0_x128_check CHECK (
        fee_growth_global0_x128 >= 0
        AND fee_growth_global0_x128 <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v3_pool_fee_growth_global1_x128_check CHECK (
        fee_growth_global1_x128 >= 0
        AND fee_growth_global1_x128 <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v3_pool_fee_pips_check CHECK (fee_pips >= 0 AND fee_pips <= 999999),
    CONSTRAINT uniswap_v3_pool_liquidity_check CHECK (
        liquidity >= 0
        AND liquidity <= 340282366920938463463374607431768211455
    ),
    CONSTRAINT uniswap_v3_pool_sqrt_price_x96_check CHECK (
        sqrt_price_x96 >= 0
        AND sqrt_price_x96 <= 1461501637330902918203684832716283019655932542975
    ),
    CONSTRAINT uniswap_v3_pool_tick_check CHECK (tick >= -887272 AND tick <= 887272),
    CONSTRAINT uniswap_v3_pool_tick_spacing_check CHECK (tick_spacing >= 1),
    CONSTRAINT uniswap_v3_pool_tokens_check CHECK (token0_id <> token1_id)
);
CREATE INDEX uniswap_v3_pool_token0_id_token1_id_idx ON uniswap_v3_pool (token0_id, token1_id);
CREATE INDEX uniswap_v3_pool_token1_id_idx ON uniswap_v3_pool (token1_id);

CREATE TABLE uniswap_v3_position (
    position_id uuid NOT NULL,
    nft_token_id numeric(78, 0) NOT NULL,
    tick_lower integer NOT NULL,
    tick_upper integer NOT NULL,
    liquidity numeric(78, 0) NOT NULL,
    fee_growth_inside0_last_x128 numeric(78, 0) NOT NULL,
    fee_growth_inside1_last_x128 numeric(78, 0) NOT NULL,
    tokens_owed0 numeric(78, 0) NOT NULL,
    tokens_owed1 numeric(78, 0) NOT NULL,
    CONSTRAINT uniswap_v3_position_pkey PRIMARY KEY (position_id),
    CONSTRAINT uniswap_v3_position_position_id_fkey FOREIGN KEY (position_id) REFERENCES nmt_position (id) ON DELETE CASCADE,
    CONSTRAINT uniswap_v3_position_fee_growth_inside0_last_x128_check CHECK (
        fee_growth_inside0_last_x128 >= 0
        AND fee_growth_inside0_last_x128 <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v3_position_fee_growth_inside1_last_x128_check CHECK (
        fee_growth_inside1_last_x128 >= 0
        AND fee_growth_inside1_last_x128 <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v3_position_liquidity_check CHECK (
        liquidity >= 0
        AND liquidity <= 340282366920938463463374607431768211455
    ),
    CONSTRAINT uniswap_v3_position_nft_token_id_check CHECK (
        nft_token_id >= 0
        AND nft_token_id <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v3_position_tick_lower_check CHECK (tick_lower >= -887272 AND tick_lower <= 887272),
    CONSTRAINT uniswap_v3_position_tick_upper_check CHECK (tick_upper >= -887272 AND tick_upper <= 887272),
    CONSTRAINT uniswap_v3_position_ticks_check CHECK (tick_lower < tick_upper),
    CONSTRAINT uniswap_v3_position_tokens_owed0_check CHECK (
        tokens_owed0 >= 0
        AND tokens_owed0 <= 340282366920938463463374607431768211455
    ),
    CONSTRAINT uniswap_v3_position_tokens_owed1_check CHECK (
        tokens_owed1 >= 0
        AND tokens_owed1 <= 340282366920938463463374607431768211455
    )
);
CREATE INDEX uniswap_v3_position_nft_token_id_idx ON uniswap_v3_position (nft_token_id);

CREATE TABLE uniswap_v2_pair (
    pool_id uuid NOT NULL,
    token0_id uuid NOT NULL,
    token1_id uuid NOT NULL,
    reserve0 numeric(78, 0) NOT NULL,
    reserve1 numeric(78, 0) NOT NULL,
    total_supply numeric(78, 0) NOT NULL,
    k_last numeric(78, 0) NOT NULL,
    block_number bigint NOT NULL,
    CONSTRAINT uniswap_v2_pair_pkey PRIMARY KEY (pool_id),
    CONSTRAINT uniswap_v2_pair_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE CASCADE,
    CONSTRAINT uniswap_v2_pair_token0_id_fkey FOREIGN KEY (token0_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT uniswap_v2_pair_token1_id_fkey FOREIGN KEY (token1_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT uniswap_v2_pair_block_number_check CHECK (block_number >= 0),
    CONSTRAINT uniswap_v2_pair_k_last_check CHECK (
        k_last >= 0
        AND k_last <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT uniswap_v2_pair_reserve0_check CHECK (
        reserve0 >= 0
        AND reserve0 <= 5192296858534827628530496329220095
    ),
    CONSTRAINT uniswap_v2_pair_reserve1_check CHECK (
        reserve1 >= 0
        AND reserve1 <= 5192296858534827628530496329220095
    ),
    CONSTRAINT uniswap_v2_pair_tokens_check CHECK (token0_id <> token1_id),
    CONSTRAINT uniswap_v2_pair_total_supply_check CHECK (
        total_supply >= 0
        AND total_supply <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    )
);
CREATE INDEX uniswap_v2_pair_token0_id_token1_id_idx ON uniswap_v2_pair (token0_id, token1_id);
CREATE INDEX uniswap_v2_pair_token1_id_idx ON uniswap_v2_pair (token1_id);

CREATE TABLE yearn_vault (
    pool_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    version text COLLATE "C" NOT NULL,
    price_per_share numeric(78, 0) NOT NULL,
    total_assets numeric(78, 0) NOT NULL,
    total_supply numeric(78, 0) NOT NULL,
    deposit_limit numeric(78, 0),
    management_fee_bps integer NOT NULL,
    performance_fee_bps integer NOT NULL,
    is_shutdown boolean NOT NULL DEFAULT false,
    strategies jsonb NOT NULL,
    block_number bigint NOT NULL,
    CONSTRAINT yearn_vault_pkey PRIMARY KEY (pool_id),
    CONSTRAINT yearn_vault_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE CASCADE,
    CONSTRAINT yearn_vault_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT yearn_vault_block_number_check CHECK (block_number >= 0),
    CONSTRAINT yearn_vault_deposit_limit_check CHECK (
        deposit_limit >= 0
        AND deposit_limit <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT yearn_vault_management_fee_bps_check CHECK (
        management_fee_bps >= 0
        AND management_fee_bps <= 10000
    ),
    CONSTRAINT yearn_vault_performance_fee_bps_check CHECK (
        performance_fee_bps >= 0
        AND performance_fee_bps <= 10000
    ),
    CONSTRAINT yearn_vault_price_per_share_check CHECK (
        price_per_share >= 0
        AND price_per_share <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT yearn_vault_total_assets_check CHECK (
        total_assets >= 0
        AND total_assets <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT yearn_vault_total_supply_check CHECK (
        total_supply >= 0
        AND total_supply <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    )
);
CREATE INDEX yearn_vault_asset_id_idx ON yearn_vault (asset_id);

CREATE TABLE morpho_vault (
    pool_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    curator text COLLATE "C",
    guardian text COLLATE "C",
    fee_wad bigint NOT NULL,
    timelock_seconds bigint NOT NULL,
    total_assets numeric(78, 0) NOT NULL,
    total_supply numeric(78, 0) NOT NULL,
    allocations jsonb NOT NULL,
    block_number bigint NOT NULL,
    CONSTRAINT morpho_vault_pkey PRIMARY KEY (pool_id),
    CONSTRAINT morpho_vault_pool_id_fkey FOREIGN KEY (pool_id) REFERENCES nmt_pool (id) ON DELETE CASCADE,
    CONSTRAINT morpho_vault_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES coin (id) ON DELETE RESTRICT,
    CONSTRAINT morpho_vault_block_number_check CHECK (block_number >= 0),
    CONSTRAINT morpho_vault_curator_check CHECK (curator ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT morpho_vault_fee_wad_check CHECK (fee_wad >= 0 AND fee_wad <= 500000000000000000),
    CONSTRAINT morpho_vault_guardian_check CHECK (guardian ~ '^0x[0-9a-f]{40}$'),
    CONSTRAINT morpho_vault_timelock_seconds_check CHECK (timelock_seconds >= 0),
    CONSTRAINT morpho_vault_total_assets_check CHECK (
        total_assets >= 0
        AND total_assets <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    ),
    CONSTRAINT morpho_vault_total_supply_check CHECK (
        total_supply >= 0
        AND total_supply <= 115792089237316195423570985008687907853269984665640564039457584007913129639935
    )
);
CREATE INDEX morpho_vault_asset_id_idx ON morpho_vault (asset_id);
