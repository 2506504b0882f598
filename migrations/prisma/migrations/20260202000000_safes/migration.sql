-- requires: pg/0005

-- CreateEnum
CREATE TYPE "call_operation" AS ENUM ('call', 'delegatecall');

-- CreateEnum
CREATE TYPE "safe_tx_status" AS ENUM ('proposed', 'executable', 'executed', 'failed', 'replaced', 'cancelled');

-- CreateEnum
CREATE TYPE "signature_type" AS ENUM ('eoa', 'eth_sign', 'contract', 'approved_hash');

-- CreateTable
CREATE TABLE "safe_owner" (
    "safe_id" UUID NOT NULL,
    "owner_address" TEXT COLLATE "C" NOT NULL,
    "added_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(6),

    CONSTRAINT "safe_owner_pkey" PRIMARY KEY ("safe_id", "owner_address")
);

-- CreateTable
CREATE TABLE "safe_delegate" (
    "id" UUID NOT NULL,
    "safe_id" UUID,
    "delegate_address" TEXT COLLATE "C" NOT NULL,
    "delegator_address" TEXT COLLATE "C" NOT NULL,
    "label" TEXT COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "safe_delegate_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "safe_module" (
    "id" UUID NOT NULL,
    "safe_id" UUID NOT NULL,
    "module_address" TEXT COLLATE "C" NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "enabled_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(6),
    "config" JSONB NOT NULL,

    CONSTRAINT "safe_module_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "safe_module_permission" (
    "id" UUID NOT NULL,
    "module_id" UUID NOT NULL,
    "target_address" TEXT COLLATE "C" NOT NULL,
    "selector" TEXT COLLATE "C",
    "token_address" TEXT COLLATE "C",
    "max_value_wei" DECIMAL(78,0) NOT NULL,
    "max_token_amount" DECIMAL(78,0),
    "period_seconds" INTEGER,
    "operation" "call_operation" NOT NULL DEFAULT 'call',
    "valid_from" TIMESTAMPTZ(6) NOT NULL,
    "valid_until" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "safe_module_permission_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "safe_transaction" (
    "id" UUID NOT NULL,
    "safe_id" UUID NOT NULL,
    "safe_tx_hash" TEXT COLLATE "C" NOT NULL,
    "nonce" BIGINT NOT NULL,
    "to_address" TEXT COLLATE "C" NOT NULL,
    "value_wei" DECIMAL(78,0) NOT NULL,
    "data" BYTEA NOT NULL,
    "operation" "call_operation" NOT NULL DEFAULT 'call',
    "status" "safe_tx_status" NOT NULL DEFAULT 'proposed',
    "proposer_address" TEXT COLLATE "C" NOT NULL,
    "proposed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "executed_at" TIMESTAMPTZ(6),
    "eth_transaction_hash" TEXT COLLATE "C",

    CONSTRAINT "safe_transaction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "safe_confirmation" (
    "safe_transaction_id" UUID NOT NULL,
    "owner_address" TEXT COLLATE "C" NOT NULL,
    "signature" BYTEA NOT NULL,
    "signature_type" "signature_type" NOT NULL,
    "confirmed_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "safe_confirmation_pkey" PRIMARY KEY ("safe_transaction_id", "owner_address")
);

-- CreateTable
CREATE TABLE "safe_discount" (
    "id" UUID NOT NULL,
    "safe_id" UUID NOT NULL,
    "plan_id" UUID,
    "percent_bps" INTEGER NOT NULL,
    "reason" TEXT COLLATE "C" NOT NULL,
    "valid_from" TIMESTAMPTZ(6) NOT NULL,
    "valid_until" TIMESTAMPTZ(6),
    "max_uses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "safe_discount_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "safe_owner_owner_address_idx" ON "safe_owner"("owner_address");

-- CreateIndex
CREATE UNIQUE INDEX "safe_delegate_safe_id_delegate_address_delegator_address_key" ON "safe_delegate"("safe_id", "delegate_address", "delegator_address") NULLS NOT DISTINCT;

-- CreateIndex
CREATE INDEX "safe_delegate_delegate_address_idx" ON "safe_delegate"("delegate_address");

-- CreateIndex
CREATE INDEX "safe_delegate_delegator_address_idx" ON "safe_delegate"("delegator_address");

-- CreateIndex
CREATE UNIQUE INDEX "safe_module_safe_id_module_address_key" ON "safe_module"("safe_id", "module_address") WHERE "disabled_at" IS NULL;

-- CreateIndex
CREATE INDEX "safe_module_safe_id_enabled_at_idx" ON "safe_module"("safe_id", "enabled_at");

-- CreateIndex
CREATE INDEX "safe_module_permission_module_id_valid_from_idx" ON "safe_module_permission"("module_id", "valid_from");

-- CreateIndex
CREATE UNIQUE INDEX "safe_transaction_safe_tx_hash_key" ON "safe_transaction"("safe_tx_hash");

-- CreateIndex
CREATE UNIQUE INDEX "safe_transaction_safe_id_nonce_key" ON "safe_transaction"("safe_id", "nonce") WHERE "status" = 'executed';

-- CreateIndex
CREATE INDEX "safe_transaction_safe_id_nonce_idx" ON "safe_transaction"("safe_id", "nonce");

-- CreateIndex
CREATE INDEX "safe_transaction_proposer_address_idx" ON "safe_transaction"("proposer_address");

-- CreateIndex
CREATE INDEX "safe_discount_safe_id_valid_from_idx" ON "safe_discount"("safe_id", "valid_from");

-- CreateIndex
CREATE INDEX "safe_discount_plan_id_idx" ON "safe_discount"("plan_id");

-- AddForeignKey
ALTER TABLE "safe_owner" ADD CONSTRAINT "safe_owner_safe_id_fkey" FOREIGN KEY ("safe_id") REFERENCES "safe_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_delegate" ADD CONSTRAINT "safe_delegate_safe_id_fkey" FOREIGN KEY ("safe_id") REFERENCES "safe_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_module" ADD CONSTRAINT "safe_module_safe_id_fkey" FOREIGN KEY ("safe_id") REFERENCES "safe_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_module_permission" ADD CONSTRAINT "safe_module_permission_module_id_fkey" FOREIGN KEY ("module_id") REFERENCES "safe_module"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_transaction" ADD CONSTRAINT "safe_transaction_safe_id_fkey" FOREIGN KEY ("safe_id") REFERENCES "safe_account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_confirmation" ADD CONSTRAINT "safe_confirmation_safe_transaction_id_fkey" FOREIGN KEY ("safe_transaction_id") REFERENCES "safe_transaction"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_discount" ADD CONSTRAINT "safe_discount_safe_id_fkey" FOREIGN KEY ("safe_id") REFERENCES "safe_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_discount" ADD CONSTRAINT "safe_discount_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "subscription_plan"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_owner"
    ADD CONSTRAINT "safe_owner_owner_address_check" CHECK ("owner_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_owner_removed_at_check" CHECK ("removed_at" >= "added_at");

ALTER TABLE "safe_delegate"
    ADD CONSTRAINT "safe_delegate_delegate_address_check" CHECK ("delegate_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_delegate_delegator_address_check" CHECK ("delegator_address" ~ '^0x[0-9a-f]{40}$');

ALTER TABLE "safe_module"
    ADD CONSTRAINT "safe_module_disabled_at_check" CHECK ("disabled_at" >= "enabled_at"),
    ADD CONSTRAINT "safe_module_module_address_check" CHECK ("module_address" ~ '^0x[0-9a-f]{40}$');

ALTER TABLE "safe_module_permission"
    ADD CONSTRAINT "safe_module_permission_max_token_amount_check" CHECK ("max_token_amount" >= 0 AND "max_token_amount" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935),
    ADD CONSTRAINT "safe_module_permission_max_value_wei_check" CHECK ("max_value_wei" >= 0 AND "max_value_wei" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935),
    ADD CONSTRAINT "safe_module_permission_period_seconds_check" CHECK ("period_seconds" >= 1),
    ADD CONSTRAINT "safe_module_permission_selector_check" CHECK ("selector" ~ '^0x[0-9a-f]{8}$'),
    ADD CONSTRAINT "safe_module_permission_target_address_check" CHECK ("target_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_module_permission_token_address_check" CHECK ("token_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_module_permission_valid_until_check" CHECK ("valid_until" > "valid_from");

ALTER TABLE "safe_transaction"
    ADD CONSTRAINT "safe_transaction_eth_transaction_hash_check" CHECK ("eth_transaction_hash" ~ '^0x[0-9a-f]{64}$'),
    ADD CONSTRAINT "safe_transaction_nonce_check" CHECK ("nonce" >= 0),
    ADD CONSTRAINT "safe_transaction_proposer_address_check" CHECK ("proposer_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_transaction_safe_tx_hash_check" CHECK ("safe_tx_hash" ~ '^0x[0-9a-f]{64}$'),
    ADD CONSTRAINT "safe_transaction_to_address_check" CHECK ("to_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_transaction_value_wei_check" CHECK ("value_wei" >= 0 AND "value_wei" <= 115792089237316195423570985008687907853269984665640564039457584007913129639935);

ALTER TABLE "safe_confirmation"
    ADD CONSTRAINT "safe_confirmation_owner_address_check" CHECK ("owner_address" ~ '^0x[0-9a-f]{40}$');

ALTER TABLE "safe_discount"
    ADD CONSTRAINT "safe_discount_max_uses_check" CHECK ("max_uses" >= 0),
    ADD CONSTRAINT "safe_discount_percent_bps_check" CHECK ("percent_bps" >= 1 AND "percent_bps" <= 10000),
    ADD CONSTRAINT "safe_discount_uses_check" CHECK ("uses" >= 0),
    ADD CONSTRAINT "safe_discount_uses_limit_check" CHECK ("uses" <= "max_uses");
