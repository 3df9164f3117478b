-- Copies of files of other servers, or that there was none.
CREATE TABLE cached_files (
    digest TEXT NOT NULL PRIMARY KEY,   -- SHA-256 of the address, hex
    path TEXT,                          -- in the store; none where it could not be fetched
    size_bytes BIGINT NOT NULL,
    fetched_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,            -- exact to the hour
    retry_at BIGINT NOT NULL            -- where it could not be fetched: not before this
);
CREATE INDEX cached_files_by_age ON cached_files (fetched_at);
CREATE INDEX cached_files_by_use ON cached_files (used_at);
