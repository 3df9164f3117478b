-- A group may sum up each month in a post of its own, where its charter says so.
ALTER TABLE groups ADD COLUMN monthly_summary BOOLEAN NOT NULL DEFAULT FALSE;

-- Months that were summed up, or in which there was nothing to say: each once.
CREATE TABLE group_summaries (
    group_id BIGINT NOT NULL REFERENCES actors (id),
    due_at BIGINT NOT NULL,             -- when it was to be said: the first of the next month, 09:00 UTC
    post_id BIGINT REFERENCES posts (id),
    PRIMARY KEY (group_id, due_at)
);
