-- Which notifications a member wants to see at once, and which wait.
CREATE TABLE notification_policies (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    not_following TEXT NOT NULL,        -- each: accept, filter, drop
    not_followers TEXT NOT NULL,
    new_accounts TEXT NOT NULL,
    private_mentions TEXT NOT NULL,
    limited_accounts TEXT NOT NULL
);
CREATE TABLE notification_requests (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    from_id BIGINT NOT NULL REFERENCES actors (id),
    last_post_id BIGINT,
    notifications_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notification_requests_once ON notification_requests (actor_id, from_id);
CREATE INDEX notification_requests_by_from ON notification_requests (from_id);
CREATE TABLE notification_permissions (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    from_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (actor_id, from_id)
);
ALTER TABLE notifications ADD COLUMN filtered BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE notifications ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
CREATE INDEX notifications_by_group ON notifications (recipient_id, group_key, id);

-- Direct messages, a row for each thread and each member in it.
CREATE TABLE conversations (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    thread_id BIGINT NOT NULL,
    last_post_id BIGINT NOT NULL,
    unread BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX conversations_once ON conversations (actor_id, thread_id);
CREATE INDEX conversations_by_last ON conversations (actor_id, last_post_id);
CREATE INDEX conversations_by_thread ON conversations (thread_id);

-- Posts that go out later.
CREATE TABLE scheduled_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    due_at BIGINT NOT NULL,
    draft TEXT NOT NULL,                -- JSON
    problem TEXT,                       -- why it did not go out when it was due
    created_at BIGINT NOT NULL
);
CREATE INDEX scheduled_posts_by_actor ON scheduled_posts (actor_id, id);
CREATE TABLE scheduled_media (
    media_id BIGINT PRIMARY KEY NOT NULL,
    scheduled_id BIGINT NOT NULL REFERENCES scheduled_posts (id)
);
CREATE INDEX scheduled_media_by_post ON scheduled_media (scheduled_id);

-- What the operator tells every member.
CREATE TABLE announcements (
    id BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,               -- as it was typed
    content TEXT NOT NULL,              -- sanitized HTML
    starts_at BIGINT,
    ends_at BIGINT,
    all_day BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE announcement_reads (
    announcement_id BIGINT NOT NULL REFERENCES announcements (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (announcement_id, actor_id)
);
CREATE INDEX announcement_reads_by_actor ON announcement_reads (actor_id);
CREATE TABLE announcement_reactions (
    announcement_id BIGINT NOT NULL REFERENCES announcements (id),
    name TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (announcement_id, name, actor_id)
);
CREATE INDEX announcement_reactions_by_actor ON announcement_reactions (actor_id);
