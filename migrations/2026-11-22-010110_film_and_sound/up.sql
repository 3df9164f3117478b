-- Sound and film: an upload waits to be worked on, and says how long it plays.
ALTER TABLE media ADD COLUMN draft_path TEXT;      -- what was uploaded, while it is worked on
ALTER TABLE media ADD COLUMN problem TEXT;         -- why nothing could be made of it
ALTER TABLE media ADD COLUMN duration_ms BIGINT;
ALTER TABLE media ADD COLUMN frame_rate TEXT;      -- pictures a second: 30000/1001
ALTER TABLE media ADD COLUMN bit_rate BIGINT;      -- bits a second
