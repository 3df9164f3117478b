-- Links that open an account's door once: to confirm an address, to choose a new password.
CREATE TABLE account_links (
    token_hash TEXT NOT NULL PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    purpose TEXT NOT NULL,              -- confirm, reset
    email_key TEXT NOT NULL DEFAULT '', -- the address it was sent to; empty where an operator handed it out
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX account_links_by_actor ON account_links (actor_id, purpose, created_at);
CREATE INDEX account_links_by_end ON account_links (expires_at);

-- A member wants another address. The old one holds until the new one is confirmed.
CREATE TABLE address_changes (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    former TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX address_changes_by_actor ON address_changes (actor_id, settled);
CREATE INDEX address_changes_by_age ON address_changes (created_at);
