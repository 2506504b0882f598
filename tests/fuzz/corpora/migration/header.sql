-- requires: prisma/1_a, pg/0001
-- strongroom: no-transaction
CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);
