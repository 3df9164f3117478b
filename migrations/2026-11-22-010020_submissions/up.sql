-- What members here wrote for somebody elsewhere to let in: the group it was sent to, or the author
-- whose approval an answer needs. One row for each who judges.
CREATE TABLE submissions (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    judge_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT NOT NULL,                -- pending, confirmed, refused, unanswered
    reason TEXT,                        -- what the judge, or its server, said; plain text
    approval TEXT,                      -- id of the approval, where one was given
    sent_at BIGINT NOT NULL,
    settled_at BIGINT,
    PRIMARY KEY (post_id, judge_id)
);
CREATE INDEX submissions_by_judge ON submissions (judge_id, post_id);
