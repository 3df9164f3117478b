-- Ledgers: of the groups that live here, and copies of those elsewhere that people here are members of.
-- Every text in a table named ledger_ or receipts is covered by the tree: a change of it is found.

-- How far a ledger has come. The row is the lock: whoever appends holds it.
CREATE TABLE ledger_state (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    size BIGINT NOT NULL,               -- entries
    frontier TEXT NOT NULL,             -- roots of the whole subtrees on the right edge, hex
    last_at BIGINT NOT NULL             -- time of the last entry: they never go back
);

CREATE TABLE ledger_entries (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    seq BIGINT NOT NULL,
    commitment TEXT NOT NULL,           -- SHA-256 of salt and payload, hex
    salt TEXT,                          -- hex; gone with what was erased
    payload TEXT,                       -- canonical JSON; gone with what was erased
    PRIMARY KEY (group_id, seq)
);

-- Whom an entry names, to find what is to be erased.
CREATE TABLE ledger_names (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    group_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (actor_id, group_id, seq)
);

-- Roots of whole subtrees of 256, 65,536 .. entries, so that a proof reads few rows.
CREATE TABLE ledger_nodes (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    level INTEGER NOT NULL,             -- 8, 16, 24 ..
    position BIGINT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (group_id, level, position)
);

-- Signed tree heads, ours and those that others signed.
CREATE TABLE ledger_heads (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    size BIGINT NOT NULL,
    document TEXT NOT NULL,             -- JSON, with its proof
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, size)
);

-- What the ledger of a group that lives here says of a person so far: an entry is written when this changes.
CREATE TABLE ledger_people (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    member BOOLEAN NOT NULL,
    bot BOOLEAN NOT NULL,
    staff BOOLEAN NOT NULL,
    opted_out BOOLEAN NOT NULL,
    wrote BOOLEAN NOT NULL,             -- began a thread before
    week BIGINT NOT NULL,               -- last week in which they were active; -1 for none
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX ledger_people_by_actor ON ledger_people (actor_id, group_id);

-- Threads whose first answers are looked for: asks, and what newcomers begin with.
CREATE TABLE ledger_threads (
    thread_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    by_member BOOLEAN NOT NULL,         -- a member who is no staff answered
    by_staff BOOLEAN NOT NULL
);

-- Which entry records a receipt, and a number that nobody is told, which goes into what the row hashes to.
ALTER TABLE receipts ADD COLUMN entry BIGINT;
ALTER TABLE receipts ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
CREATE INDEX receipts_by_entry ON receipts (group_id, entry);
