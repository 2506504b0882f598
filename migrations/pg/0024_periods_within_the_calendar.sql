-- The times that payments were for are within the calendar that entities hold.

ALTER TABLE subscription_transaction
    ADD CONSTRAINT subscription_transaction_period_end_range_check CHECK (
        period_end >= '0001-01-02 00:00:00+00' AND period_end <= '9999-12-30 00:00:00+00'
    ) NOT VALID,
    ADD CONSTRAINT subscription_transaction_period_start_range_check CHECK (
        period_start >= '0001-01-02 00:00:00+00' AND period_start <= '9999-12-30 00:00:00+00'
    ) NOT VALID;
