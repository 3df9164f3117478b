-- The second step of signing in: an app on the member's phone makes codes (RFC 6238).
CREATE TABLE second_steps (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    secret TEXT NOT NULL,               -- base32, as the app has it; shown while it is set up and never again
    on_since BIGINT,                    -- none while it is being set up
    used_step BIGINT NOT NULL DEFAULT 0 -- the latest 30 seconds a code was taken of: each code works once
);

-- For those who lost their phone: each works once.
CREATE TABLE recovery_codes (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    code_hash TEXT NOT NULL,            -- hex SHA-256; a code has 80 random bits
    PRIMARY KEY (actor_id, code_hash)
);

-- Whose password was right, and who has yet to show a code.
CREATE TABLE halfway (
    token_hash TEXT NOT NULL PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    failures INTEGER NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL
);
CREATE INDEX halfway_by_actor ON halfway (actor_id);
CREATE INDEX halfway_by_end ON halfway (expires_at);
