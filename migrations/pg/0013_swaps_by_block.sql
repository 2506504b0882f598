-- strongroom: no-transaction
--
-- Swaps by block, so that those of blocks that were reorganised away are found.

CREATE INDEX CONCURRENTLY IF NOT EXISTS swaps_chain_id_block_number_idx ON swaps (chain_id, block_number);
