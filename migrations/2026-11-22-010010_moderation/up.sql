-- Who may pass a post on, answer or quote it, where its author said so: JSON lists of ids.
-- A column without a value, or no row, means everyone.
CREATE TABLE policies (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    can_reply TEXT,
    can_announce TEXT,
    can_quote TEXT
);

-- Who moderates a group besides its founder. Of a group elsewhere: as its own server says.
CREATE TABLE moderators (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, actor_uri)
);

-- Threads that take no more answers.
CREATE TABLE locks (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    by_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL,                -- of the activity, which its Undo names
    created_at BIGINT NOT NULL
);

-- Posts that stewards took out of a group: hidden, not erased, so that they can be put back.
CREATE TABLE removals (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    by_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL,
    reason TEXT NOT NULL,               -- plain text
    created_at BIGINT NOT NULL
);

-- Who may not write in a group, for ever or for a while.
CREATE TABLE bans (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    by_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    ends_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, actor_id)
);
CREATE INDEX bans_by_actor ON bans (actor_id);

-- Every act of moderation in a group, for everyone who may see the group.
CREATE TABLE moderation_log (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    by_id BIGINT NOT NULL REFERENCES actors (id),
    deed TEXT NOT NULL,
    person_id BIGINT REFERENCES actors (id),        -- whom it is about
    post_id BIGINT REFERENCES posts (id),
    reason TEXT NOT NULL,
    ends_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX moderation_log_by_group ON moderation_log (group_id, id);
