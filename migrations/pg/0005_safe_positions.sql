-- requires: prisma/20260201000000_safe_accounts
--
-- A position's Safe is one that exists. The rows that are there are held against it by the next migration.

ALTER TABLE nmt_position ADD CONSTRAINT nmt_position_safe_id_fkey FOREIGN KEY (safe_id) REFERENCES safe_account (id)
ON DELETE RESTRICT NOT VALID;
