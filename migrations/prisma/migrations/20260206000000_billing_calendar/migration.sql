-- AlterTable
ALTER TABLE "subscription" ADD COLUMN     "anchor_at" TIMESTAMPTZ(6),
ADD COLUMN     "time_zone" TEXT COLLATE "C" NOT NULL DEFAULT 'UTC',
ADD COLUMN     "trial_end" TIMESTAMPTZ(6);

-- AlterTable
ALTER TABLE "subscription_plan" ADD COLUMN     "period_months" INTEGER;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "subscription_plan" ADD CONSTRAINT "subscription_plan_period_months_check" CHECK ("period_months" >= 1) NOT VALID;
