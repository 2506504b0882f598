-- strongroom: no-transaction
--
-- What no entity can hold is refused, whoever writes it: infinite times, years beyond 9999, NaN, JSON that is no object.
--
-- Each table is locked for a moment, on its own; the rows that are there are looked at by the next migration.

ALTER TABLE coin_data
    DROP CONSTRAINT IF EXISTS coin_data_ath_at_range_check,
    ADD CONSTRAINT coin_data_ath_at_range_check CHECK (ath_at >= '0001-01-02 00:00:00+00' AND ath_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_ath_usd_finite_check,
    ADD CONSTRAINT coin_data_ath_usd_finite_check CHECK (ath_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_circulating_supply_finite_check,
    ADD CONSTRAINT coin_data_circulating_supply_finite_check CHECK (circulating_supply <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_fully_diluted_usd_finite_check,
    ADD CONSTRAINT coin_data_fully_diluted_usd_finite_check CHECK (fully_diluted_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_links_object_check,
    ADD CONSTRAINT coin_data_links_object_check CHECK (jsonb_typeof(links) = 'object') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_market_cap_usd_finite_check,
    ADD CONSTRAINT coin_data_market_cap_usd_finite_check CHECK (market_cap_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_total_supply_finite_check,
    ADD CONSTRAINT coin_data_total_supply_finite_check CHECK (total_supply <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_updated_at_range_check,
    ADD CONSTRAINT coin_data_updated_at_range_check CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS coin_data_volume_24h_usd_finite_check,
    ADD CONSTRAINT coin_data_volume_24h_usd_finite_check CHECK (volume_24h_usd <> 'NaN') NOT VALID;

ALTER TABLE nmt_pool
    DROP CONSTRAINT IF EXISTS nmt_pool_apy_base_finite_check,
    ADD CONSTRAINT nmt_pool_apy_base_finite_check CHECK (apy_base <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_pool_apy_finite_check,
    ADD CONSTRAINT nmt_pool_apy_finite_check CHECK (apy <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_pool_apy_reward_finite_check,
    ADD CONSTRAINT nmt_pool_apy_reward_finite_check CHECK (apy_reward <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_pool_created_at_range_check,
    ADD CONSTRAINT nmt_pool_created_at_range_check CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_pool_tvl_usd_finite_check,
    ADD CONSTRAINT nmt_pool_tvl_usd_finite_check CHECK (tvl_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_pool_updated_at_range_check,
    ADD CONSTRAINT nmt_pool_updated_at_range_check CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE pool_token
    DROP CONSTRAINT IF EXISTS pool_token_weight_finite_check,
    ADD CONSTRAINT pool_token_weight_finite_check CHECK (weight <> 'NaN') NOT VALID;

ALTER TABLE nmt_position
    DROP CONSTRAINT IF EXISTS nmt_position_closed_at_range_check,
    ADD CONSTRAINT nmt_position_closed_at_range_check CHECK (closed_at >= '0001-01-02 00:00:00+00' AND closed_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_cost_basis_usd_finite_check,
    ADD CONSTRAINT nmt_position_cost_basis_usd_finite_check CHECK (cost_basis_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_created_at_range_check,
    ADD CONSTRAINT nmt_position_created_at_range_check CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_opened_at_range_check,
    ADD CONSTRAINT nmt_position_opened_at_range_check CHECK (opened_at >= '0001-01-02 00:00:00+00' AND opened_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_realised_pnl_usd_finite_check,
    ADD CONSTRAINT nmt_position_realised_pnl_usd_finite_check CHECK (realised_pnl_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_updated_at_range_check,
    ADD CONSTRAINT nmt_position_updated_at_range_check CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_value_usd_finite_check,
    ADD CONSTRAINT nmt_position_value_usd_finite_check CHECK (value_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_valued_at_range_check,
    ADD CONSTRAINT nmt_position_valued_at_range_check CHECK (valued_at >= '0001-01-02 00:00:00+00' AND valued_at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE nmt_position_valuation
    DROP CONSTRAINT IF EXISTS nmt_position_valuation_at_range_check,
    ADD CONSTRAINT nmt_position_valuation_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_valuation_price_per_share_finite_check,
    ADD CONSTRAINT nmt_position_valuation_price_per_share_finite_check CHECK (price_per_share <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_valuation_value_usd_finite_check,
    ADD CONSTRAINT nmt_position_valuation_value_usd_finite_check CHECK (value_usd <> 'NaN') NOT VALID;

ALTER TABLE nmt_position_flow
    DROP CONSTRAINT IF EXISTS nmt_position_flow_amount_usd_finite_check,
    ADD CONSTRAINT nmt_position_flow_amount_usd_finite_check CHECK (amount_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_flow_at_range_check,
    ADD CONSTRAINT nmt_position_flow_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS nmt_position_flow_created_at_range_check,
    ADD CONSTRAINT nmt_position_flow_created_at_range_check CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE price
    DROP CONSTRAINT IF EXISTS price_at_range_check,
    ADD CONSTRAINT price_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS price_confidence_finite_check,
    ADD CONSTRAINT price_confidence_finite_check CHECK (confidence <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS price_price_usd_finite_check,
    ADD CONSTRAINT price_price_usd_finite_check CHECK (price_usd <> 'NaN') NOT VALID;

ALTER TABLE block_header
    DROP CONSTRAINT IF EXISTS block_header_at_range_check,
    ADD CONSTRAINT block_header_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE indexer_checkpoint
    DROP CONSTRAINT IF EXISTS indexer_checkpoint_updated_at_range_check,
    ADD CONSTRAINT indexer_checkpoint_updated_at_range_check CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE eth_transaction
    DROP CONSTRAINT IF EXISTS eth_transaction_at_range_check,
    ADD CONSTRAINT eth_transaction_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE balance_change
    DROP CONSTRAINT IF EXISTS balance_change_at_range_check,
    ADD CONSTRAINT balance_change_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE swaps
    DROP CONSTRAINT IF EXISTS swaps_at_range_check,
    ADD CONSTRAINT swaps_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS swaps_value_usd_finite_check,
    ADD CONSTRAINT swaps_value_usd_finite_check CHECK (value_usd <> 'NaN') NOT VALID;

ALTER TABLE yearn_vault
    DROP CONSTRAINT IF EXISTS yearn_vault_strategies_object_check,
    ADD CONSTRAINT yearn_vault_strategies_object_check CHECK (jsonb_typeof(strategies) = 'object') NOT VALID;

ALTER TABLE morpho_vault
    DROP CONSTRAINT IF EXISTS morpho_vault_allocations_object_check,
    ADD CONSTRAINT morpho_vault_allocations_object_check CHECK (jsonb_typeof(allocations) = 'object') NOT VALID;

ALTER TABLE apy_history
    DROP CONSTRAINT IF EXISTS apy_history_apy_base_finite_check,
    ADD CONSTRAINT apy_history_apy_base_finite_check CHECK (apy_base <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS apy_history_apy_finite_check,
    ADD CONSTRAINT apy_history_apy_finite_check CHECK (apy <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS apy_history_apy_reward_finite_check,
    ADD CONSTRAINT apy_history_apy_reward_finite_check CHECK (apy_reward <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS apy_history_at_range_check,
    ADD CONSTRAINT apy_history_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS apy_history_tvl_usd_finite_check,
    ADD CONSTRAINT apy_history_tvl_usd_finite_check CHECK (tvl_usd <> 'NaN') NOT VALID;

ALTER TABLE sol_transaction
    DROP CONSTRAINT IF EXISTS sol_transaction_at_range_check,
    ADD CONSTRAINT sol_transaction_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE sol_balance_change
    DROP CONSTRAINT IF EXISTS sol_balance_change_at_range_check,
    ADD CONSTRAINT sol_balance_change_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID;

ALTER TABLE subscription_transaction
    DROP CONSTRAINT IF EXISTS subscription_transaction_at_range_check,
    ADD CONSTRAINT subscription_transaction_at_range_check CHECK (at >= '0001-01-02 00:00:00+00' AND at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS subscription_transaction_discount_usd_finite_check,
    ADD CONSTRAINT subscription_transaction_discount_usd_finite_check CHECK (discount_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS subscription_transaction_list_price_usd_finite_check,
    ADD CONSTRAINT subscription_transaction_list_price_usd_finite_check CHECK (list_price_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS subscription_transaction_paid_usd_finite_check,
    ADD CONSTRAINT subscription_transaction_paid_usd_finite_check CHECK (paid_usd <> 'NaN') NOT VALID;

ALTER TABLE portfolio_snapshot
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_by_protocol_object_check,
    ADD CONSTRAINT portfolio_snapshot_by_protocol_object_check CHECK (jsonb_typeof(by_protocol) = 'object') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_day_range_check,
    ADD CONSTRAINT portfolio_snapshot_day_range_check CHECK (day >= '0001-01-02' AND day <= '9999-12-30') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_deposited_usd_finite_check,
    ADD CONSTRAINT portfolio_snapshot_deposited_usd_finite_check CHECK (deposited_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_fees_usd_finite_check,
    ADD CONSTRAINT portfolio_snapshot_fees_usd_finite_check CHECK (fees_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_pnl_usd_finite_check,
    ADD CONSTRAINT portfolio_snapshot_pnl_usd_finite_check CHECK (pnl_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_total_usd_finite_check,
    ADD CONSTRAINT portfolio_snapshot_total_usd_finite_check CHECK (total_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS portfolio_snapshot_withdrawn_usd_finite_check,
    ADD CONSTRAINT portfolio_snapshot_withdrawn_usd_finite_check CHECK (withdrawn_usd <> 'NaN') NOT VALID;

ALTER TABLE strongroom_view_refresh
    DROP CONSTRAINT IF EXISTS strongroom_view_refresh_refreshed_at_range_check,
    ADD CONSTRAINT strongroom_view_refresh_refreshed_at_range_check CHECK (refreshed_at >= '0001-01-02 00:00:00+00' AND refreshed_at <= '9999-12-30 00:00:00+00') NOT VALID;
