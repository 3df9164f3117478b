-- Which hosts have something to be sent, so that finding the next one costs the same however much
-- waits; and what is for one person goes before what is for everyone.
CREATE TABLE waiting_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    priority INTEGER NOT NULL,          -- of the most urgent delivery that waits: 0 personal, 1 the rest
    due_at BIGINT NOT NULL,             -- not before this is the next try
    since BIGINT NOT NULL               -- who has waited longest goes first
);
-- Those that are not due, and there may be thousands of dead ones, are not even looked at.
CREATE INDEX waiting_hosts_due ON waiting_hosts (due_at, priority, since, host);

ALTER TABLE deliveries ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
DROP INDEX deliveries_by_host;
CREATE INDEX deliveries_in_order ON deliveries (host, priority, id);

INSERT INTO waiting_hosts (host, priority, due_at, since)
    SELECT deliveries.host, 1, COALESCE(MAX(servers.retry_at), 0), MIN(deliveries.created_at)
    FROM deliveries LEFT JOIN servers ON servers.host = deliveries.host
    GROUP BY deliveries.host;
