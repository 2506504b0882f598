-- The plans that were there before the check: looked at without blocking any writer.
ALTER TABLE "subscription_plan" VALIDATE CONSTRAINT "subscription_plan_period_months_check";
