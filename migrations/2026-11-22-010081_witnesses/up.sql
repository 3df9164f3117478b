-- What this node saw as a witness of ledgers elsewhere, and what witnesses say of the ledgers here.

-- Ledgers elsewhere that are followed. Their entries, nodes and heads stand beside those from here.
CREATE TABLE ledger_followed (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    read_again BIGINT NOT NULL,         -- up to which entry the copy was compared anew
    looked_at BIGINT NOT NULL,          -- when the host last showed it
    trouble TEXT                        -- why it could not be read last time
);

-- Where members of a followed group live: they see the same ledger, or should.
CREATE TABLE ledger_peers (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    origin TEXT NOT NULL,
    PRIMARY KEY (group_id, origin)
);

-- Heads with a witness's signature: ours of ledgers elsewhere, others' of ledgers here.
CREATE TABLE ledger_witnesses (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    witness TEXT NOT NULL,              -- id of the node's actor
    size BIGINT NOT NULL,
    document TEXT NOT NULL,             -- JSON, with its proof
    signed_with TEXT NOT NULL,          -- the witness's key then, multibase
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, witness, size)
);

-- Ledgers that contradict themselves, with what shows it.
CREATE TABLE ledger_faults (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT NOT NULL,                 -- rewritten, rewound, forked, signature
    subject TEXT NOT NULL,              -- which entry or size; the same fault is noted once
    evidence TEXT NOT NULL,             -- JSON
    found_at BIGINT NOT NULL,
    UNIQUE (group_id, kind, subject)
);
