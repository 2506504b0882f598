-- strongroom: no-transaction
--
-- Pools by APY: of a chain, of a protocol, and of all.

CREATE INDEX CONCURRENTLY IF NOT EXISTS nmt_pool_chain_id_apy_idx ON nmt_pool (chain_id, apy);
CREATE INDEX CONCURRENTLY IF NOT EXISTS nmt_pool_protocol_id_apy_idx ON nmt_pool (protocol_id, apy);
CREATE INDEX CONCURRENTLY IF NOT EXISTS nmt_pool_apy_idx ON nmt_pool (apy);
