-- Pictures that stand for a word between colons, ours and those of other servers.
CREATE TABLE emojis (
    id BIGINT PRIMARY KEY NOT NULL,
    host TEXT NOT NULL,                 -- the server it belongs to; empty: this one
    shortcode TEXT NOT NULL,            -- without colons
    ap_id TEXT,                         -- of one elsewhere: its id, where it has one there
    url TEXT,                           -- of one elsewhere: where its picture is
    path TEXT,                          -- of ours: the picture in the store
    still_path TEXT,                    -- of ours: the same without movement
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,         -- of what is in the store
    category TEXT,
    visible_in_picker BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,          -- the operator wants it shown to nobody
    updated_at BIGINT,                  -- when its picture was last another, as its server says
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX emojis_by_name ON emojis (host, shortcode);
