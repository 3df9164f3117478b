-- What members set up for themselves; nobody else sees any of it.

CREATE TABLE lists (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    title TEXT NOT NULL,
    replies TEXT NOT NULL,              -- to whom: followed, list, none
    exclusive BOOLEAN NOT NULL,         -- what it shows is left out of home
    created_at BIGINT NOT NULL
);
CREATE INDEX lists_by_owner ON lists (owner_id, id);
CREATE TABLE list_members (
    id BIGINT PRIMARY KEY NOT NULL,
    list_id BIGINT NOT NULL REFERENCES lists (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id)
);
CREATE UNIQUE INDEX list_members_once ON list_members (list_id, actor_id);
CREATE INDEX list_members_by_actor ON list_members (actor_id);

CREATE TABLE filters (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,             -- words between spaces: home notifications public thread account
    action TEXT NOT NULL,               -- warn, hide, blur
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX filters_by_owner ON filters (owner_id, id);
CREATE TABLE filter_keywords (
    id BIGINT PRIMARY KEY NOT NULL,
    filter_id BIGINT NOT NULL REFERENCES filters (id),
    keyword TEXT NOT NULL,
    whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_by_filter ON filter_keywords (filter_id, id);
CREATE TABLE filter_posts (
    id BIGINT PRIMARY KEY NOT NULL,
    filter_id BIGINT NOT NULL REFERENCES filters (id),
    post_id BIGINT NOT NULL REFERENCES posts (id)
);
CREATE UNIQUE INDEX filter_posts_once ON filter_posts (filter_id, post_id);
CREATE INDEX filter_posts_by_post ON filter_posts (post_id);

CREATE TABLE private_notes (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    note TEXT NOT NULL,                 -- plain text
    PRIMARY KEY (actor_id, target_id)
);
CREATE INDEX private_notes_by_target ON private_notes (target_id);
CREATE TABLE endorsements (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id)
);
CREATE UNIQUE INDEX endorsements_once ON endorsements (actor_id, target_id);
CREATE INDEX endorsements_by_target ON endorsements (target_id);
CREATE TABLE domain_blocks (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    host TEXT NOT NULL
);
CREATE UNIQUE INDEX domain_blocks_once ON domain_blocks (actor_id, host);
CREATE TABLE thread_mutes (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    thread_id BIGINT NOT NULL,
    PRIMARY KEY (actor_id, thread_id)
);

CREATE TABLE followed_tags (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    tag TEXT NOT NULL                   -- in its normal form
);
CREATE UNIQUE INDEX followed_tags_once ON followed_tags (actor_id, tag);
CREATE TABLE featured_tags (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    tag TEXT NOT NULL,
    written TEXT NOT NULL               -- as the member writes it
);
CREATE UNIQUE INDEX featured_tags_once ON featured_tags (actor_id, tag);

-- Codes between commas, as in `,de,en,`; empty: all of them.
ALTER TABLE follows ADD COLUMN languages TEXT NOT NULL DEFAULT '';
