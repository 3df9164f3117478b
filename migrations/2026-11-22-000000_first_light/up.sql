-- Everything a node keeps for its first day. One text for both databases: on SQLite
-- `BIGINT PRIMARY KEY` is read as `INTEGER PRIMARY KEY`, so that an id is the row's own key.
-- Times are milliseconds since 1970, UTC. Ids are made in the program and sort by time.

-- Which process makes ids with which six bits (0-63); expired leases may be taken.
CREATE TABLE leases (
    slot INTEGER NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- What this node is, as words and values: title, keys, the first-visit token's hash.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- People, groups and servers: everything that can act, local and remote.
CREATE TABLE actors (
    id BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,                 -- preferredUsername, as written
    host TEXT NOT NULL,                 -- '' for local actors, else host, with a port where it has one
    local BOOLEAN NOT NULL,
    ap_id TEXT NOT NULL,
    url TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    outbox TEXT,
    followers_uri TEXT,
    featured_uri TEXT,
    moderators_uri TEXT,
    display_name TEXT NOT NULL,
    summary TEXT NOT NULL,              -- sanitised HTML
    summary_source TEXT NOT NULL,       -- what a local member typed
    avatar TEXT,                        -- URL, or a path under /media for local ones
    header TEXT,
    locked BOOLEAN NOT NULL,            -- follows wait for approval; of a group: private
    discoverable BOOLEAN NOT NULL,
    fields TEXT NOT NULL,               -- JSON: [{"name","value","verified_at"}]
    public_key TEXT NOT NULL,           -- PEM
    key_id TEXT NOT NULL,
    moved_to TEXT,
    suspended_at BIGINT,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,         -- made here, or first seen here
    refreshed_at BIGINT NOT NULL,
    followers_count BIGINT NOT NULL DEFAULT 0,
    following_count BIGINT NOT NULL DEFAULT 0,
    posts_count BIGINT NOT NULL DEFAULT 0,
    last_post_at BIGINT
);
CREATE UNIQUE INDEX actors_by_ap_id ON actors (ap_id);
CREATE UNIQUE INDEX actors_local_names ON actors (name) WHERE local;
CREATE INDEX actors_by_handle ON actors (name, host);
CREATE INDEX actors_by_host ON actors (host);
CREATE INDEX actors_local_by_kind ON actors (kind, id) WHERE local;
CREATE INDEX actors_by_key ON actors (key_id);

-- Secret halves of local actors' keys, apart from what is read with every page.
CREATE TABLE actor_keys (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    rsa_private TEXT NOT NULL,          -- PKCS#8 PEM
    ed25519_private TEXT NOT NULL,      -- base64
    ed25519_public TEXT NOT NULL,       -- multibase
    created_at BIGINT NOT NULL
);

-- What only a local member's own node knows of them.
CREATE TABLE members (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,            -- lower case, for look-up
    password_hash TEXT NOT NULL,
    operator BOOLEAN NOT NULL DEFAULT FALSE,
    staff BOOLEAN NOT NULL DEFAULT FALSE,
    confirmed_at BIGINT,
    approved_at BIGINT,
    sign_up_reason TEXT NOT NULL DEFAULT '',
    invited_by BIGINT REFERENCES actors (id),
    locale TEXT NOT NULL DEFAULT 'en',
    default_visibility TEXT NOT NULL DEFAULT 'public',
    default_sensitive BOOLEAN NOT NULL DEFAULT FALSE,
    default_language TEXT,
    opted_out BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX members_by_email ON members (email_key);

-- What makes a local actor of kind Group a community.
CREATE TABLE groups (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    purpose TEXT NOT NULL,
    rules TEXT NOT NULL DEFAULT '',
    founder_id BIGINT NOT NULL REFERENCES actors (id),
    thanks_words TEXT NOT NULL DEFAULT 'thanks',    -- separated by spaces, lower case
    ask_words TEXT NOT NULL DEFAULT 'ask help',
    min_account_age_days INTEGER NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    csrf_secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    agent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_by_actor ON sessions (actor_id);

CREATE TABLE invites (
    code TEXT NOT NULL PRIMARY KEY,
    inviter_id BIGINT NOT NULL REFERENCES actors (id),
    uses_left INTEGER NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE oauth_apps (
    id BIGINT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,        -- one per line
    scopes TEXT NOT NULL,
    client_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX oauth_apps_by_client_id ON oauth_apps (client_id);

CREATE TABLE oauth_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    app_id BIGINT NOT NULL REFERENCES oauth_apps (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,                     -- PKCE, S256
    expires_at BIGINT NOT NULL
);

CREATE TABLE oauth_tokens (
    id BIGINT PRIMARY KEY NOT NULL,
    token_hash TEXT NOT NULL,
    app_id BIGINT REFERENCES oauth_apps (id),
    actor_id BIGINT REFERENCES actors (id),         -- none for an app's own token
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX oauth_tokens_by_hash ON oauth_tokens (token_hash);
CREATE INDEX oauth_tokens_by_actor ON oauth_tokens (actor_id);

-- Posts and boosts, local and remote. A boost has `boost_of_id` and an id of its own.
CREATE TABLE posts (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL,
    url TEXT,
    author_id BIGINT NOT NULL REFERENCES actors (id),
    local BOOLEAN NOT NULL,
    kind TEXT NOT NULL,                 -- Note, Page, Article, Question, Event, Video, Announce ..
    group_id BIGINT REFERENCES actors (id),
    thread_id BIGINT NOT NULL,          -- the top-level post; itself for that one
    in_reply_to_id BIGINT REFERENCES posts (id),
    in_reply_to_uri TEXT,               -- where the parent is not known
    boost_of_id BIGINT REFERENCES posts (id),
    visibility TEXT NOT NULL,
    title TEXT,
    content TEXT NOT NULL,              -- sanitised HTML, without the title
    source TEXT,                        -- Markdown, as typed or as sent
    spoiler_text TEXT NOT NULL,         -- plain text
    sensitive BOOLEAN NOT NULL,
    language TEXT,
    is_ask BOOLEAN NOT NULL,
    helped BOOLEAN NOT NULL,            -- the thread's author said that this reply helped
    app_id BIGINT REFERENCES oauth_apps (id),
    replies_count BIGINT NOT NULL DEFAULT 0,
    likes_count BIGINT NOT NULL DEFAULT 0,
    boosts_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX posts_by_ap_id ON posts (ap_id);
CREATE INDEX posts_by_author ON posts (author_id, id);
CREATE INDEX posts_by_thread ON posts (thread_id, id);
CREATE INDEX posts_by_parent ON posts (in_reply_to_id);
CREATE INDEX posts_by_group ON posts (group_id, id);
CREATE INDEX posts_orphans ON posts (in_reply_to_uri) WHERE in_reply_to_uri IS NOT NULL;
CREATE UNIQUE INDEX posts_one_boost_each ON posts (boost_of_id, author_id) WHERE boost_of_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX posts_public ON posts (id) WHERE visibility = 'public' AND boost_of_id IS NULL AND deleted_at IS NULL;

-- Ids deleted before they came; kept for seven days, so that a late Create stores nothing.
CREATE TABLE tombstones (
    ap_id TEXT NOT NULL PRIMARY KEY,
    deleted_at BIGINT NOT NULL
);

CREATE TABLE post_edits (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    title TEXT,
    content TEXT NOT NULL,
    source TEXT,
    spoiler_text TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX post_edits_by_post ON post_edits (post_id, id);

CREATE TABLE mentions (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (post_id, actor_id)
);
CREATE INDEX mentions_by_actor ON mentions (actor_id, post_id);

CREATE TABLE post_tags (
    tag TEXT NOT NULL,                  -- lower case
    post_id BIGINT NOT NULL REFERENCES posts (id),
    written TEXT NOT NULL,              -- as its author wrote it
    PRIMARY KEY (tag, post_id)
);
CREATE INDEX post_tags_by_post ON post_tags (post_id);

CREATE TABLE polls (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    multiple BOOLEAN NOT NULL,
    options TEXT NOT NULL,              -- JSON: [{"title","votes"}]
    voters_count BIGINT,
    ends_at BIGINT,
    closed_at BIGINT
);
CREATE UNIQUE INDEX polls_by_post ON polls (post_id);

CREATE TABLE poll_votes (
    poll_id BIGINT NOT NULL REFERENCES polls (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    choice INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (poll_id, actor_id, choice)
);

CREATE TABLE media (
    id BIGINT PRIMARY KEY NOT NULL,
    owner_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT REFERENCES posts (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,                 -- image, gifv, video, audio, unknown
    content_type TEXT NOT NULL,
    path TEXT,                          -- of the local file, under the media folder
    preview_path TEXT,
    remote_url TEXT,
    description TEXT,
    blurhash TEXT,
    width INTEGER,
    height INTEGER,
    preview_width INTEGER,
    preview_height INTEGER,
    focus_x DOUBLE PRECISION NOT NULL DEFAULT 0,
    focus_y DOUBLE PRECISION NOT NULL DEFAULT 0,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX media_by_post ON media (post_id, position);
CREATE INDEX media_by_owner ON media (owner_id, id);
CREATE INDEX media_unattached ON media (id) WHERE post_id IS NULL;

CREATE TABLE follows (
    id BIGINT PRIMARY KEY NOT NULL,
    follower_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    accepted_at BIGINT,                 -- empty while it waits
    ap_id TEXT,                         -- of the Follow activity
    show_boosts BOOLEAN NOT NULL DEFAULT TRUE,
    notify BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX follows_once ON follows (follower_id, target_id);
CREATE INDEX follows_by_target ON follows (target_id, id);
CREATE INDEX follows_by_follower ON follows (follower_id, id);

CREATE TABLE likes (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    ap_id TEXT,
    content TEXT,                       -- the reaction, where it is more than a like
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX likes_once ON likes (post_id, actor_id);
CREATE INDEX likes_by_actor ON likes (actor_id, id);

CREATE TABLE bookmarks (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX bookmarks_once ON bookmarks (post_id, actor_id);
CREATE INDEX bookmarks_by_actor ON bookmarks (actor_id, id);

CREATE TABLE pins (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, post_id)
);

CREATE TABLE blocks (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX blocks_once ON blocks (actor_id, target_id);
CREATE INDEX blocks_by_target ON blocks (target_id);

CREATE TABLE mutes (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    target_id BIGINT NOT NULL REFERENCES actors (id),
    notifications BOOLEAN NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mutes_once ON mutes (actor_id, target_id);

CREATE TABLE notifications (
    id BIGINT PRIMARY KEY NOT NULL,
    recipient_id BIGINT NOT NULL REFERENCES actors (id),
    kind TEXT NOT NULL,
    from_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT REFERENCES posts (id),
    dedup TEXT NOT NULL,                -- the same happening is told once
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX notifications_once ON notifications (recipient_id, dedup);
CREATE INDEX notifications_by_recipient ON notifications (recipient_id, id);
CREATE INDEX notifications_by_post ON notifications (post_id);

CREATE TABLE markers (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    timeline TEXT NOT NULL,
    last_read_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, timeline)
);

CREATE TABLE idempotency_keys (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    idempotency_key TEXT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Activities as they went over the wire, sent and received: the one place where duplicates end.
CREATE TABLE activities (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    object_uri TEXT,
    local BOOLEAN NOT NULL,
    open BOOLEAN NOT NULL,              -- may be read by anyone who asks for its id
    body TEXT NOT NULL,                 -- the JSON text, byte for byte
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX activities_by_ap_id ON activities (ap_id);
CREATE INDEX activities_by_object ON activities (object_uri, actor_id);
CREATE INDEX activities_by_actor ON activities (actor_id, id);
CREATE INDEX activities_by_age ON activities (created_at);

-- Other servers: what they run, and how deliveries to them go.
CREATE TABLE servers (
    host TEXT NOT NULL PRIMARY KEY,
    class TEXT NOT NULL,                -- microblog, group, commonhold, unknown
    software TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    checked_at BIGINT NOT NULL DEFAULT 0,
    policy TEXT NOT NULL DEFAULT 'open',            -- open, blocked
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since BIGINT,
    retry_at BIGINT NOT NULL DEFAULT 0,
    last_success_at BIGINT,
    last_error TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

-- One row per activity and inbox still to be sent; in order of id within a host.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    signer_id BIGINT NOT NULL REFERENCES actors (id),
    host TEXT NOT NULL,
    inbox TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (activity_id, inbox);
CREATE INDEX deliveries_by_host ON deliveries (host, id);

-- Work that can wait and is no delivery.
CREATE TABLE jobs (
    id BIGINT PRIMARY KEY NOT NULL,
    task TEXT NOT NULL,                 -- JSON
    dedup TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at BIGINT NOT NULL,
    last_error TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup);
CREATE INDEX jobs_due ON jobs (due_at, id);

-- Help receipts of the groups that live here: who says that whom helped, and whether it counts.
CREATE TABLE receipts (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    reply_id BIGINT REFERENCES posts (id),          -- the reply that helped; none for help elsewhere
    helper_id BIGINT NOT NULL REFERENCES actors (id),
    receiver_id BIGINT NOT NULL REFERENCES actors (id),
    via TEXT NOT NULL,                  -- reply, reaction, button, post
    cause_uri TEXT,                     -- the post or the Like that said so
    counted BOOLEAN NOT NULL,
    reason TEXT,                        -- why it is not counted
    staff BOOLEAN NOT NULL,             -- one of the two is staff: counted apart
    across_nodes BOOLEAN NOT NULL,      -- they live on different domains
    created_at BIGINT NOT NULL,
    undone_at BIGINT,
    declined_at BIGINT
);
CREATE INDEX receipts_by_group ON receipts (group_id, created_at);
CREATE INDEX receipts_by_pair ON receipts (receiver_id, helper_id, created_at);
CREATE INDEX receipts_by_helper ON receipts (helper_id, id);
CREATE INDEX receipts_by_thread ON receipts (thread_id);
CREATE INDEX receipts_by_reply ON receipts (reply_id);
CREATE INDEX receipts_by_cause ON receipts (cause_uri);

-- What the host of a remote group says of its help, as last fetched.
CREATE TABLE remote_figures (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    figures TEXT NOT NULL,              -- JSON of the help end point
    fetched_at BIGINT NOT NULL
);

-- Every privileged act, for the operator and for whoever it touched.
CREATE TABLE audit_log (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT REFERENCES actors (id),         -- none: the command line
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
