-- What time a payment was for. Payments that are there already do not tell.

ALTER TABLE subscription_transaction
    ADD COLUMN period_start timestamptz,
    ADD COLUMN period_end timestamptz;
ALTER TABLE subscription_transaction
    ADD CONSTRAINT subscription_transaction_period_check CHECK (
        num_nonnulls(period_start, period_end) = 0 OR period_end > period_start
    ) NOT VALID;
