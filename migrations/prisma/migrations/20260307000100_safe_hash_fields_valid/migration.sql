-- The rows that were there before the checks: looked at without blocking any writer.
ALTER TABLE "safe_transaction" VALIDATE CONSTRAINT "safe_transaction_base_gas_check";
ALTER TABLE "safe_transaction" VALIDATE CONSTRAINT "safe_transaction_gas_price_check";
ALTER TABLE "safe_transaction" VALIDATE CONSTRAINT "safe_transaction_safe_tx_gas_check";
ALTER TABLE "safe_transaction" VALIDATE CONSTRAINT "safe_transaction_gas_token_check";
ALTER TABLE "safe_transaction" VALIDATE CONSTRAINT "safe_transaction_refund_receiver_check";
ALTER TABLE "subscription" VALIDATE CONSTRAINT "subscription_anchor_at_range_check";
ALTER TABLE "subscription" VALIDATE CONSTRAINT "subscription_trial_end_range_check";
