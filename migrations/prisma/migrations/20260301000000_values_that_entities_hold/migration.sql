-- strongroom: no-transaction
--
-- What no entity can hold is refused, whoever writes it: infinite times, years beyond 9999, NaN, JSON that is no object.
--
-- Each table is locked for a moment, on its own; the rows that are there are looked at by the next migration.

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "user"
    DROP CONSTRAINT IF EXISTS "user_created_at_range_check",
    ADD CONSTRAINT "user_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "user_updated_at_range_check",
    ADD CONSTRAINT "user_updated_at_range_check" CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "wallet"
    DROP CONSTRAINT IF EXISTS "wallet_connected_at_range_check",
    ADD CONSTRAINT "wallet_connected_at_range_check" CHECK (connected_at >= '0001-01-02 00:00:00+00' AND connected_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "wallet_disconnected_at_range_check",
    ADD CONSTRAINT "wallet_disconnected_at_range_check" CHECK (disconnected_at >= '0001-01-02 00:00:00+00' AND disconnected_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "wallet_last_seen_at_range_check",
    ADD CONSTRAINT "wallet_last_seen_at_range_check" CHECK (last_seen_at >= '0001-01-02 00:00:00+00' AND last_seen_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "user_address"
    DROP CONSTRAINT IF EXISTS "user_address_created_at_range_check",
    ADD CONSTRAINT "user_address_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "user_address_verified_at_range_check",
    ADD CONSTRAINT "user_address_verified_at_range_check" CHECK (verified_at >= '0001-01-02 00:00:00+00' AND verified_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "goal"
    DROP CONSTRAINT IF EXISTS "goal_created_at_range_check",
    ADD CONSTRAINT "goal_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_monthly_contribution_usd_finite_check",
    ADD CONSTRAINT "goal_monthly_contribution_usd_finite_check" CHECK (monthly_contribution_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_start_date_range_check",
    ADD CONSTRAINT "goal_start_date_range_check" CHECK (start_date >= '0001-01-02' AND start_date <= '9999-12-30') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_start_usd_finite_check",
    ADD CONSTRAINT "goal_start_usd_finite_check" CHECK (start_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_target_date_range_check",
    ADD CONSTRAINT "goal_target_date_range_check" CHECK (target_date >= '0001-01-02' AND target_date <= '9999-12-30') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_target_usd_finite_check",
    ADD CONSTRAINT "goal_target_usd_finite_check" CHECK (target_usd <> 'NaN') NOT VALID,
    DROP CONSTRAINT IF EXISTS "goal_updated_at_range_check",
    ADD CONSTRAINT "goal_updated_at_range_check" CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_account"
    DROP CONSTRAINT IF EXISTS "safe_account_created_at_range_check",
    ADD CONSTRAINT "safe_account_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_account_deployed_at_range_check",
    ADD CONSTRAINT "safe_account_deployed_at_range_check" CHECK (deployed_at >= '0001-01-02 00:00:00+00' AND deployed_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_account_updated_at_range_check",
    ADD CONSTRAINT "safe_account_updated_at_range_check" CHECK (updated_at >= '0001-01-02 00:00:00+00' AND updated_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "subscription_plan"
    DROP CONSTRAINT IF EXISTS "subscription_plan_features_object_check",
    ADD CONSTRAINT "subscription_plan_features_object_check" CHECK (jsonb_typeof(features) = 'object') NOT VALID,
    DROP CONSTRAINT IF EXISTS "subscription_plan_price_usd_finite_check",
    ADD CONSTRAINT "subscription_plan_price_usd_finite_check" CHECK (price_usd <> 'NaN') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "subscription"
    DROP CONSTRAINT IF EXISTS "subscription_cancel_at_range_check",
    ADD CONSTRAINT "subscription_cancel_at_range_check" CHECK (cancel_at >= '0001-01-02 00:00:00+00' AND cancel_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "subscription_created_at_range_check",
    ADD CONSTRAINT "subscription_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "subscription_current_period_end_range_check",
    ADD CONSTRAINT "subscription_current_period_end_range_check" CHECK (current_period_end >= '0001-01-02 00:00:00+00' AND current_period_end <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "subscription_current_period_start_range_check",
    ADD CONSTRAINT "subscription_current_period_start_range_check" CHECK (current_period_start >= '0001-01-02 00:00:00+00' AND current_period_start <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_owner"
    DROP CONSTRAINT IF EXISTS "safe_owner_added_at_range_check",
    ADD CONSTRAINT "safe_owner_added_at_range_check" CHECK (added_at >= '0001-01-02 00:00:00+00' AND added_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_owner_removed_at_range_check",
    ADD CONSTRAINT "safe_owner_removed_at_range_check" CHECK (removed_at >= '0001-01-02 00:00:00+00' AND removed_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_delegate"
    DROP CONSTRAINT IF EXISTS "safe_delegate_created_at_range_check",
    ADD CONSTRAINT "safe_delegate_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_delegate_expires_at_range_check",
    ADD CONSTRAINT "safe_delegate_expires_at_range_check" CHECK (expires_at >= '0001-01-02 00:00:00+00' AND expires_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_module"
    DROP CONSTRAINT IF EXISTS "safe_module_config_object_check",
    ADD CONSTRAINT "safe_module_config_object_check" CHECK (jsonb_typeof(config) = 'object') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_module_disabled_at_range_check",
    ADD CONSTRAINT "safe_module_disabled_at_range_check" CHECK (disabled_at >= '0001-01-02 00:00:00+00' AND disabled_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_module_enabled_at_range_check",
    ADD CONSTRAINT "safe_module_enabled_at_range_check" CHECK (enabled_at >= '0001-01-02 00:00:00+00' AND enabled_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_module_permission"
    DROP CONSTRAINT IF EXISTS "safe_module_permission_created_at_range_check",
    ADD CONSTRAINT "safe_module_permission_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_module_permission_valid_from_range_check",
    ADD CONSTRAINT "safe_module_permission_valid_from_range_check" CHECK (valid_from >= '0001-01-02 00:00:00+00' AND valid_from <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_module_permission_valid_until_range_check",
    ADD CONSTRAINT "safe_module_permission_valid_until_range_check" CHECK (valid_until >= '0001-01-02 00:00:00+00' AND valid_until <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_transaction"
    DROP CONSTRAINT IF EXISTS "safe_transaction_executed_at_range_check",
    ADD CONSTRAINT "safe_transaction_executed_at_range_check" CHECK (executed_at >= '0001-01-02 00:00:00+00' AND executed_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_transaction_proposed_at_range_check",
    ADD CONSTRAINT "safe_transaction_proposed_at_range_check" CHECK (proposed_at >= '0001-01-02 00:00:00+00' AND proposed_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_confirmation"
    DROP CONSTRAINT IF EXISTS "safe_confirmation_confirmed_at_range_check",
    ADD CONSTRAINT "safe_confirmation_confirmed_at_range_check" CHECK (confirmed_at >= '0001-01-02 00:00:00+00' AND confirmed_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "safe_discount"
    DROP CONSTRAINT IF EXISTS "safe_discount_valid_from_range_check",
    ADD CONSTRAINT "safe_discount_valid_from_range_check" CHECK (valid_from >= '0001-01-02 00:00:00+00' AND valid_from <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "safe_discount_valid_until_range_check",
    ADD CONSTRAINT "safe_discount_valid_until_range_check" CHECK (valid_until >= '0001-01-02 00:00:00+00' AND valid_until <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "chats"
    DROP CONSTRAINT IF EXISTS "chats_created_at_range_check",
    ADD CONSTRAINT "chats_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "chats_last_message_at_range_check",
    ADD CONSTRAINT "chats_last_message_at_range_check" CHECK (last_message_at >= '0001-01-02 00:00:00+00' AND last_message_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "chat_member"
    DROP CONSTRAINT IF EXISTS "chat_member_joined_at_range_check",
    ADD CONSTRAINT "chat_member_joined_at_range_check" CHECK (joined_at >= '0001-01-02 00:00:00+00' AND joined_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "chat_member_left_at_range_check",
    ADD CONSTRAINT "chat_member_left_at_range_check" CHECK (left_at >= '0001-01-02 00:00:00+00' AND left_at <= '9999-12-30 00:00:00+00') NOT VALID;

-- AddCheck (by hand: Prisma does not model checks, and leaves them alone)
ALTER TABLE "messages"
    DROP CONSTRAINT IF EXISTS "messages_created_at_range_check",
    ADD CONSTRAINT "messages_created_at_range_check" CHECK (created_at >= '0001-01-02 00:00:00+00' AND created_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "messages_deleted_at_range_check",
    ADD CONSTRAINT "messages_deleted_at_range_check" CHECK (deleted_at >= '0001-01-02 00:00:00+00' AND deleted_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "messages_edited_at_range_check",
    ADD CONSTRAINT "messages_edited_at_range_check" CHECK (edited_at >= '0001-01-02 00:00:00+00' AND edited_at <= '9999-12-30 00:00:00+00') NOT VALID,
    DROP CONSTRAINT IF EXISTS "messages_metadata_object_check",
    ADD CONSTRAINT "messages_metadata_object_check" CHECK (jsonb_typeof(metadata) = 'object') NOT VALID;
