-- The Safes of the positions that were there before the foreign key: looked up without blocking any writer.

ALTER TABLE nmt_position VALIDATE CONSTRAINT nmt_position_safe_id_fkey;
