-- strongroom: no-transaction
--
-- Payments that are pending, the oldest first.

CREATE INDEX CONCURRENTLY IF NOT EXISTS subscription_transaction_status_at_idx ON subscription_transaction (status, at);
