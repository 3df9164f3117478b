-- What members here signed: that a reply helped them. Each is shown by itself, for whoever counts it.
CREATE TABLE acknowledgements (
    id BIGINT PRIMARY KEY NOT NULL,     -- that of the like it goes with
    reply_id BIGINT NOT NULL REFERENCES posts (id),
    document TEXT,                      -- JSON, with its proof; gone where it was taken back
    created_at BIGINT NOT NULL
);
CREATE INDEX acknowledgements_of_reply ON acknowledgements (reply_id);

-- Whom an entry names is asked from both sides.
CREATE INDEX ledger_names_by_entry ON ledger_names (group_id, seq);

-- With which key somebody signed what stands in an entry, as this node knows it: a help for readers.
ALTER TABLE ledger_entries ADD COLUMN signed_with TEXT;
