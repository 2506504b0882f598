-- CreateEnum
CREATE TYPE "user_status" AS ENUM ('active', 'suspended', 'deleted');

-- CreateEnum
CREATE TYPE "chain_family" AS ENUM ('evm', 'solana');

-- CreateEnum
CREATE TYPE "address_kind" AS ENUM ('watch', 'deposit', 'withdrawal', 'contact');

-- CreateEnum
CREATE TYPE "goal_status" AS ENUM ('active', 'reached', 'abandoned');

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "email" TEXT COLLATE "C",
    "display_name" TEXT COLLATE "C",
    "base_currency" TEXT COLLATE "C" NOT NULL DEFAULT 'USD',
    "status" "user_status" NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "wallet" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "family" "chain_family" NOT NULL,
    "address" TEXT COLLATE "C" NOT NULL,
    "label" TEXT COLLATE "C",
    "is_primary" BOOLEAN NOT NULL DEFAULT false,
    "connected_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disconnected_at" TIMESTAMPTZ(6),
    "last_seen_at" TIMESTAMPTZ(6),

    CONSTRAINT "wallet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_address" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "family" "chain_family" NOT NULL,
    "address" TEXT COLLATE "C" NOT NULL,
    "label" TEXT COLLATE "C",
    "kind" "address_kind" NOT NULL DEFAULT 'watch',
    "verified_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_address_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "goal" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT COLLATE "C" NOT NULL,
    "target_usd" DECIMAL(38,18) NOT NULL,
    "start_usd" DECIMAL(38,18) NOT NULL,
    "monthly_contribution_usd" DECIMAL(38,18) NOT NULL,
    "start_date" DATE NOT NULL,
    "target_date" DATE NOT NULL,
    "status" "goal_status" NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "goal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"(lower("email" COLLATE "C")) WHERE "email" IS NOT NULL;

-- CreateIndex
CREATE UNIQUE INDEX "wallet_family_address_key" ON "wallet"("family", "address");

-- CreateIndex
CREATE UNIQUE INDEX "wallet_user_id_key" ON "wallet"("user_id") WHERE "is_primary";

-- CreateIndex
CREATE INDEX "wallet_user_id_connected_at_idx" ON "wallet"("user_id", "connected_at");

-- CreateIndex
CREATE UNIQUE INDEX "user_address_user_id_family_address_kind_key" ON "user_address"("user_id", "family", "address", "kind");

-- CreateIndex
CREATE INDEX "goal_user_id_target_date_idx" ON "goal"("user_id", "target_date");

-- AddForeignKey
ALTER TABLE "wallet" ADD CONSTRAINT "wallet_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_address" ADD CONSTRAINT "user_address_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "goal" ADD CONSTRAINT "goal_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "user"
    ADD CONSTRAINT "user_version_check" CHECK ("version" >= 0);

ALTER TABLE "wallet"
    ADD CONSTRAINT "wallet_address_check" CHECK ("address" ~ '^(0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$'),
    ADD CONSTRAINT "wallet_disconnected_at_check" CHECK ("disconnected_at" >= "connected_at"),
    ADD CONSTRAINT "wallet_family_check" CHECK (("family" = 'evm') = ("address" LIKE '0x%'));

ALTER TABLE "user_address"
    ADD CONSTRAINT "user_address_address_check" CHECK ("address" ~ '^(0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$'),
    ADD CONSTRAINT "user_address_family_check" CHECK (("family" = 'evm') = ("address" LIKE '0x%'));

ALTER TABLE "goal"
    ADD CONSTRAINT "goal_monthly_contribution_usd_check" CHECK ("monthly_contribution_usd" >= 0),
    ADD CONSTRAINT "goal_start_usd_check" CHECK ("start_usd" >= 0),
    ADD CONSTRAINT "goal_target_date_check" CHECK ("target_date" > "start_date"),
    ADD CONSTRAINT "goal_target_usd_check" CHECK ("target_usd" > 0),
    ADD CONSTRAINT "goal_version_check" CHECK ("version" >= 0);
