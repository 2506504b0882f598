-- The payments that were there before the checks: looked at without blocking any writer.

ALTER TABLE subscription_transaction VALIDATE CONSTRAINT subscription_transaction_period_end_range_check;
ALTER TABLE subscription_transaction VALIDATE CONSTRAINT subscription_transaction_period_start_range_check;
