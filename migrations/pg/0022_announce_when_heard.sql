-- Tells of new valuations only while somebody listens: PostgreSQL commits transactions that notify one after the other.

-- A listener holds the lock 7307110115, shared, for as long as it listens. One expression takes and returns it: no
-- interrupt comes between, which would leave it with the writer's session.
CREATE OR REPLACE TRIGGER nmt_position_valuation_announce AFTER INSERT ON nmt_position_valuation
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT
WHEN (NOT (pg_catalog.pg_try_advisory_lock(7307110115) AND pg_catalog.pg_advisory_unlock(7307110115)))
EXECUTE FUNCTION announce_nmt_position_valuation();
