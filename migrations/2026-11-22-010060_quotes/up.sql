-- What posts quote, and whether who wrote that lets them.
CREATE TABLE quotes (
    post_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),  -- the post that quotes
    quoted_id BIGINT REFERENCES posts (id),     -- what it quotes, where that is known here
    quoted_uri TEXT NOT NULL,
    state TEXT NOT NULL,                -- pending, accepted, rejected, revoked
    legacy BOOLEAN NOT NULL,            -- said in words that ask nobody: quoteUrl and the like
    stamp TEXT,                         -- id of the permission
    created_at BIGINT NOT NULL
);
CREATE INDEX quotes_of_post ON quotes (quoted_id, state, post_id);
CREATE INDEX quotes_by_stamp ON quotes (stamp);

-- Who may answer or quote a post once its author has said yes: JSON lists of ids.
ALTER TABLE policies ADD COLUMN ask_reply TEXT;
ALTER TABLE policies ADD COLUMN ask_quote TEXT;

-- Permissions to answer, each served under its post for whoever wants to check an answer.
CREATE TABLE reply_approvals (
    id BIGINT PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    reply_uri TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX reply_approvals_once ON reply_approvals (post_id, reply_uri);
