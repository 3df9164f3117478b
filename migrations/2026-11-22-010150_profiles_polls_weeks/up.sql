-- How often each choice of a poll was ticked is shown to nobody before its end.
ALTER TABLE polls ADD COLUMN hide_totals BOOLEAN NOT NULL DEFAULT FALSE;

-- How many members were here in each week; not who.
CREATE TABLE weeks (
    week BIGINT PRIMARY KEY NOT NULL,   -- Monday, 0:00 UTC
    members BIGINT NOT NULL
);
CREATE INDEX posts_local ON posts (id) WHERE local AND boost_of_id IS NULL;
