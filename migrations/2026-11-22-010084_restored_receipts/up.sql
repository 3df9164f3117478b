-- Receipts that came back from witnesses after a loss. What was in the table of receipts is gone; who
-- thanked whom and when has to be known, since receipts of one pair count so many times only.
CREATE TABLE receipts_restored (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    entry BIGINT NOT NULL,
    thread_id BIGINT REFERENCES posts (id),     -- where that is still here
    helper_id BIGINT NOT NULL REFERENCES actors (id),
    receiver_id BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, entry)
);
-- Of an entry that came back so, the host's table says nothing.
ALTER TABLE ledger_entries ADD COLUMN restored BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX receipts_restored_by_pair ON receipts_restored (receiver_id, helper_id, created_at);
