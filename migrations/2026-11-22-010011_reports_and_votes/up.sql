-- What people report to stewards and operators, from here and from elsewhere.
CREATE TABLE reports (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT,                         -- of the Flag, where it came from elsewhere
    reporter_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    group_id BIGINT REFERENCES actors (id),         -- whose stewards are asked; none: the operators
    category TEXT NOT NULL,             -- spam, legal, violation, other
    comment TEXT NOT NULL,              -- plain text
    forwarded BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    resolved_by BIGINT REFERENCES actors (id)
);
CREATE INDEX reports_by_group ON reports (group_id, id);
CREATE INDEX reports_by_ap_id ON reports (ap_id);

CREATE TABLE report_posts (
    report_id BIGINT NOT NULL REFERENCES reports (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    PRIMARY KEY (report_id, post_id)
);

-- Downvotes: a number beside the post, never a part of its likes.
CREATE TABLE dislikes (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX dislikes_once ON dislikes (post_id, actor_id);
ALTER TABLE posts ADD COLUMN dislikes_count BIGINT NOT NULL DEFAULT 0;

-- Of a reaction that is a picture: where the picture is.
ALTER TABLE likes ADD COLUMN emoji_url TEXT;
