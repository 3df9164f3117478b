-- Other accounts that an actor says are the same somebody: `alsoKnownAs`.
CREATE TABLE aliases (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    uri TEXT NOT NULL,
    PRIMARY KEY (actor_id, uri)
);

-- When members moved away, and where to.
CREATE TABLE moves (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX moves_by_actor ON moves (actor_id, created_at);

-- Permissions to quote, each served under its post for whoever wants to check a quote.
CREATE TABLE quote_stamps (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    quote_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX quote_stamps_once ON quote_stamps (post_id, quote_uri);
