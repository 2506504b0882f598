-- requires: pg/0004

-- CreateTable
CREATE TABLE "safe_account" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "chain_id" BIGINT NOT NULL,
    "address" TEXT COLLATE "C" NOT NULL,
    "threshold" INTEGER NOT NULL,
    "nonce" BIGINT NOT NULL DEFAULT 0,
    "singleton_address" TEXT COLLATE "C" NOT NULL,
    "fallback_handler" TEXT COLLATE "C",
    "guard" TEXT COLLATE "C",
    "contract_version" TEXT COLLATE "C" NOT NULL,
    "deployed_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "safe_account_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "safe_account_chain_id_address_key" ON "safe_account"("chain_id", "address");

-- CreateIndex
CREATE INDEX "safe_account_user_id_created_at_idx" ON "safe_account"("user_id", "created_at");

-- AddForeignKey
ALTER TABLE "safe_account" ADD CONSTRAINT "safe_account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "safe_account" ADD CONSTRAINT "safe_account_chain_id_fkey" FOREIGN KEY ("chain_id") REFERENCES "chain"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_account"
    ADD CONSTRAINT "safe_account_address_check" CHECK ("address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_account_chain_id_check" CHECK ("chain_id" >= 0),
    ADD CONSTRAINT "safe_account_fallback_handler_check" CHECK ("fallback_handler" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_account_guard_check" CHECK ("guard" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_account_nonce_check" CHECK ("nonce" >= 0),
    ADD CONSTRAINT "safe_account_singleton_address_check" CHECK ("singleton_address" ~ '^0x[0-9a-f]{40}$'),
    ADD CONSTRAINT "safe_account_threshold_check" CHECK ("threshold" >= 1),
    ADD CONSTRAINT "safe_account_version_check" CHECK ("version" >= 0);
