-- The periods of the payments that were there before the check: looked at without blocking any writer.

ALTER TABLE subscription_transaction VALIDATE CONSTRAINT subscription_transaction_period_check;
