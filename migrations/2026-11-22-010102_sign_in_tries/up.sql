-- How often a password or a code was wrong lately, by account, by address and by known browser.
CREATE TABLE sign_in_tries (
    subject TEXT NOT NULL PRIMARY KEY,  -- hex SHA-256 of what is counted
    failures INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    free_at BIGINT NOT NULL             -- when the next try is taken
);
CREATE INDEX sign_in_tries_by_age ON sign_in_tries (last_at);

-- What happened to a member's account, for them to see.
CREATE TABLE account_news (
    id BIGINT PRIMARY KEY NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    what TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX account_news_by_actor ON account_news (actor_id, id);
CREATE INDEX account_news_by_age ON account_news (created_at);

CREATE INDEX oauth_tokens_by_app ON oauth_tokens (actor_id, app_id);
