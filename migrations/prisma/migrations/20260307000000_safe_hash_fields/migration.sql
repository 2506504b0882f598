-- AlterTable
ALTER TABLE "safe_transaction" ADD COLUMN     "base_gas" DECIMAL(78,0),
ADD COLUMN     "gas_price" DECIMAL(78,0),
ADD COLUMN     "gas_token" TEXT COLLATE "C",
ADD COLUMN     "refund_receiver" TEXT COLLATE "C",
ADD COLUMN     "safe_tx_gas" DECIMAL(78,0);

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_transaction"
    ADD CONSTRAINT "safe_transaction_base_gas_check" CHECK ("base_gas" >= 0 AND "base_gas" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935) NOT VALID,
    ADD CONSTRAINT "safe_transaction_gas_price_check" CHECK ("gas_price" >= 0 AND "gas_price" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935) NOT VALID,
    ADD CONSTRAINT "safe_transaction_safe_tx_gas_check" CHECK ("safe_tx_gas" >= 0 AND "safe_tx_gas" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935) NOT VALID,
    ADD CONSTRAINT "safe_transaction_gas_token_check" CHECK ("gas_token" ~ '^0x[0-9a-f]{40}$') NOT VALID,
    ADD CONSTRAINT "safe_transaction_refund_receiver_check" CHECK ("refund_receiver" ~ '^0x[0-9a-f]{40}$') NOT VALID;

ALTER TABLE "subscription"
    ADD CONSTRAINT "subscription_anchor_at_range_check" CHECK ("anchor_at" >= '0001-01-02 00:00:00+00' AND "anchor_at" <= '9999-12-30 00:00:00+00') NOT VALID,
    ADD CONSTRAINT "subscription_trial_end_range_check" CHECK ("trial_end" >= '0001-01-02 00:00:00+00' AND "trial_end" <= '9999-12-30 00:00:00+00') NOT VALID;
