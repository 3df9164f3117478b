-- Where apps want to be told of notifications: Web Push (RFC 8030). One for each token; it goes with it.
CREATE TABLE push_subscriptions (
    id BIGINT PRIMARY KEY NOT NULL,
    token_id BIGINT NOT NULL REFERENCES oauth_tokens (id) ON DELETE CASCADE,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    endpoint TEXT NOT NULL,             -- URL at the push service
    p256dh TEXT NOT NULL,               -- the app's public point, base64url
    auth TEXT NOT NULL,                 -- the app's secret of 16 bytes, base64url
    standard BOOLEAN NOT NULL,          -- RFC 8291; else its fourth draft
    alerts TEXT NOT NULL,               -- kinds of notifications, separated by spaces
    policy TEXT NOT NULL,               -- all, followed, follower, none: whose doings
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX push_subscriptions_by_token ON push_subscriptions (token_id);
CREATE INDEX push_subscriptions_by_actor ON push_subscriptions (actor_id);

-- What is still to be sent.
CREATE TABLE pushes (
    notification_id BIGINT NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    subscription_id BIGINT NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
    host TEXT NOT NULL,                 -- of the endpoint, with a port where it has one
    due_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (notification_id, subscription_id)
);
CREATE INDEX pushes_by_subscription ON pushes (subscription_id);
CREATE INDEX pushes_by_host ON pushes (host, due_at);
CREATE INDEX pushes_by_time ON pushes (due_at);
