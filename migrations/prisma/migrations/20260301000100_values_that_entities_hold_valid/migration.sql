-- strongroom: no-transaction
--
-- The rows that were there before: looked at without blocking any writer, one table after the other.

-- ValidateCheck
ALTER TABLE IF EXISTS "user"
    VALIDATE CONSTRAINT "user_created_at_range_check",
    VALIDATE CONSTRAINT "user_updated_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "wallet"
    VALIDATE CONSTRAINT "wallet_connected_at_range_check",
    VALIDATE CONSTRAINT "wallet_disconnected_at_range_check",
    VALIDATE CONSTRAINT "wallet_last_seen_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "user_address"
    VALIDATE CONSTRAINT "user_address_created_at_range_check",
    VALIDATE CONSTRAINT "user_address_verified_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "goal"
    VALIDATE CONSTRAINT "goal_created_at_range_check",
    VALIDATE CONSTRAINT "goal_monthly_contribution_usd_finite_check",
    VALIDATE CONSTRAINT "goal_start_date_range_check",
    VALIDATE CONSTRAINT "goal_start_usd_finite_check",
    VALIDATE CONSTRAINT "goal_target_date_range_check",
    VALIDATE CONSTRAINT "goal_target_usd_finite_check",
    VALIDATE CONSTRAINT "goal_updated_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_account"
    VALIDATE CONSTRAINT "safe_account_created_at_range_check",
    VALIDATE CONSTRAINT "safe_account_deployed_at_range_check",
    VALIDATE CONSTRAINT "safe_account_updated_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "subscription_plan"
    VALIDATE CONSTRAINT "subscription_plan_features_object_check",
    VALIDATE CONSTRAINT "subscription_plan_price_usd_finite_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "subscription"
    VALIDATE CONSTRAINT "subscription_cancel_at_range_check",
    VALIDATE CONSTRAINT "subscription_created_at_range_check",
    VALIDATE CONSTRAINT "subscription_current_period_end_range_check",
    VALIDATE CONSTRAINT "subscription_current_period_start_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_owner"
    VALIDATE CONSTRAINT "safe_owner_added_at_range_check",
    VALIDATE CONSTRAINT "safe_owner_removed_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_delegate"
    VALIDATE CONSTRAINT "safe_delegate_created_at_range_check",
    VALIDATE CONSTRAINT "safe_delegate_expires_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_module"
    VALIDATE CONSTRAINT "safe_module_config_object_check",
    VALIDATE CONSTRAINT "safe_module_disabled_at_range_check",
    VALIDATE CONSTRAINT "safe_module_enabled_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_module_permission"
    VALIDATE CONSTRAINT "safe_module_permission_created_at_range_check",
    VALIDATE CONSTRAINT "safe_module_permission_valid_from_range_check",
    VALIDATE CONSTRAINT "safe_module_permission_valid_until_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_transaction"
    VALIDATE CONSTRAINT "safe_transaction_executed_at_range_check",
    VALIDATE CONSTRAINT "safe_transaction_proposed_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_confirmation"
    VALIDATE CONSTRAINT "safe_confirmation_confirmed_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "safe_discount"
    VALIDATE CONSTRAINT "safe_discount_valid_from_range_check",
    VALIDATE CONSTRAINT "safe_discount_valid_until_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "chats"
    VALIDATE CONSTRAINT "chats_created_at_range_check",
    VALIDATE CONSTRAINT "chats_last_message_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "chat_member"
    VALIDATE CONSTRAINT "chat_member_joined_at_range_check",
    VALIDATE CONSTRAINT "chat_member_left_at_range_check";

-- ValidateCheck
ALTER TABLE IF EXISTS "messages"
    VALIDATE CONSTRAINT "messages_created_at_range_check",
    VALIDATE CONSTRAINT "messages_deleted_at_range_check",
    VALIDATE CONSTRAINT "messages_edited_at_range_check",
    VALIDATE CONSTRAINT "messages_metadata_object_check";
