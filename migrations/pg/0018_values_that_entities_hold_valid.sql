-- strongroom: no-transaction
--
-- The rows that were there before: looked at without blocking any writer, one table after the other.

ALTER TABLE IF EXISTS coin_data
    VALIDATE CONSTRAINT coin_data_ath_at_range_check,
    VALIDATE CONSTRAINT coin_data_ath_usd_finite_check,
    VALIDATE CONSTRAINT coin_data_circulating_supply_finite_check,
    VALIDATE CONSTRAINT coin_data_fully_diluted_usd_finite_check,
    VALIDATE CONSTRAINT coin_data_links_object_check,
    VALIDATE CONSTRAINT coin_data_market_cap_usd_finite_check,
    VALIDATE CONSTRAINT coin_data_total_supply_finite_check,
    VALIDATE CONSTRAINT coin_data_updated_at_range_check,
    VALIDATE CONSTRAINT coin_data_volume_24h_usd_finite_check;

ALTER TABLE IF EXISTS nmt_pool
    VALIDATE CONSTRAINT nmt_pool_apy_base_finite_check,
    VALIDATE CONSTRAINT nmt_pool_apy_finite_check,
    VALIDATE CONSTRAINT nmt_pool_apy_reward_finite_check,
    VALIDATE CONSTRAINT nmt_pool_created_at_range_check,
    VALIDATE CONSTRAINT nmt_pool_tvl_usd_finite_check,
    VALIDATE CONSTRAINT nmt_pool_updated_at_range_check;

ALTER TABLE IF EXISTS pool_token
    VALIDATE CONSTRAINT pool_token_weight_finite_check;

ALTER TABLE IF EXISTS nmt_position
    VALIDATE CONSTRAINT nmt_position_closed_at_range_check,
    VALIDATE CONSTRAINT nmt_position_cost_basis_usd_finite_check,
    VALIDATE CONSTRAINT nmt_position_created_at_range_check,
    VALIDATE CONSTRAINT nmt_position_opened_at_range_check,
    VALIDATE CONSTRAINT nmt_position_realised_pnl_usd_finite_check,
    VALIDATE CONSTRAINT nmt_position_updated_at_range_check,
    VALIDATE CONSTRAINT nmt_position_value_usd_finite_check,
    VALIDATE CONSTRAINT nmt_position_valued_at_range_check;

ALTER TABLE IF EXISTS nmt_position_valuation
    VALIDATE CONSTRAINT nmt_position_valuation_at_range_check,
    VALIDATE CONSTRAINT nmt_position_valuation_price_per_share_finite_check,
    VALIDATE CONSTRAINT nmt_position_valuation_value_usd_finite_check;

ALTER TABLE IF EXISTS nmt_position_flow
    VALIDATE CONSTRAINT nmt_position_flow_amount_usd_finite_check,
    VALIDATE CONSTRAINT nmt_position_flow_at_range_check,
    VALIDATE CONSTRAINT nmt_position_flow_created_at_range_check;

ALTER TABLE IF EXISTS price
    VALIDATE CONSTRAINT price_at_range_check,
    VALIDATE CONSTRAINT price_confidence_finite_check,
    VALIDATE CONSTRAINT price_price_usd_finite_check;

ALTER TABLE IF EXISTS block_header
    VALIDATE CONSTRAINT block_header_at_range_check;

ALTER TABLE IF EXISTS indexer_checkpoint
    VALIDATE CONSTRAINT indexer_checkpoint_updated_at_range_check;

ALTER TABLE IF EXISTS eth_transaction
    VALIDATE CONSTRAINT eth_transaction_at_range_check;

ALTER TABLE IF EXISTS balance_change
    VALIDATE CONSTRAINT balance_change_at_range_check;

ALTER TABLE IF EXISTS swaps
    VALIDATE CONSTRAINT swaps_at_range_check,
    VALIDATE CONSTRAINT swaps_value_usd_finite_check;

ALTER TABLE IF EXISTS yearn_vault
    VALIDATE CONSTRAINT yearn_vault_strategies_object_check;

ALTER TABLE IF EXISTS morpho_vault
    VALIDATE CONSTRAINT morpho_vault_allocations_object_check;

ALTER TABLE IF EXISTS apy_history
    VALIDATE CONSTRAINT apy_history_apy_base_finite_check,
    VALIDATE CONSTRAINT apy_history_apy_finite_check,
    VALIDATE CONSTRAINT apy_history_apy_reward_finite_check,
    VALIDATE CONSTRAINT apy_history_at_range_check,
    VALIDATE CONSTRAINT apy_history_tvl_usd_finite_check;

ALTER TABLE IF EXISTS sol_transaction
    VALIDATE CONSTRAINT sol_transaction_at_range_check;

ALTER TABLE IF EXISTS sol_balance_change
    VALIDATE CONSTRAINT sol_balance_change_at_range_check;

ALTER TABLE IF EXISTS subscription_transaction
    VALIDATE CONSTRAINT subscription_transaction_at_range_check,
    VALIDATE CONSTRAINT subscription_transaction_discount_usd_finite_check,
    VALIDATE CONSTRAINT subscription_transaction_list_price_usd_finite_check,
    VALIDATE CONSTRAINT subscription_transaction_paid_usd_finite_check;

ALTER TABLE IF EXISTS portfolio_snapshot
    VALIDATE CONSTRAINT portfolio_snapshot_by_protocol_object_check,
    VALIDATE CONSTRAINT portfolio_snapshot_day_range_check,
    VALIDATE CONSTRAINT portfolio_snapshot_deposited_usd_finite_check,
    VALIDATE CONSTRAINT portfolio_snapshot_fees_usd_finite_check,
    VALIDATE CONSTRAINT portfolio_snapshot_pnl_usd_finite_check,
    VALIDATE CONSTRAINT portfolio_snapshot_total_usd_finite_check,
    VALIDATE CONSTRAINT portfolio_snapshot_withdrawn_usd_finite_check;

ALTER TABLE IF EXISTS strongroom_view_refresh
    VALIDATE CONSTRAINT strongroom_view_refresh_refreshed_at_range_check;
