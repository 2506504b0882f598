-- Tells the backend of new messages only while it listens: PostgreSQL commits transactions that notify one by one.

-- A listener holds the lock 7307110115, shared, for as long as it listens. One expression takes and returns it: no
-- interrupt comes between, which would leave it with the writer's session.
-- CreateOrReplaceTrigger
CREATE OR REPLACE TRIGGER "messages_announce" AFTER INSERT ON "messages"
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
WHEN (NOT (pg_catalog.pg_try_advisory_lock(7307110115) AND pg_catalog.pg_advisory_unlock(7307110115)))
EXECUTE FUNCTION "announce_messages"();
