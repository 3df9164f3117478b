-- What waits or failed is no file; its owner uploads it again.
DELETE FROM media WHERE draft_path IS NOT NULL OR problem IS NOT NULL;
ALTER TABLE media DROP COLUMN bit_rate;
ALTER TABLE media DROP COLUMN frame_rate;
ALTER TABLE media DROP COLUMN duration_ms;
ALTER TABLE media DROP COLUMN problem;
ALTER TABLE media DROP COLUMN draft_path;
