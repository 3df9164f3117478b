DROP INDEX deliveries_in_order;
CREATE INDEX deliveries_by_host ON deliveries (host, id);
ALTER TABLE deliveries DROP COLUMN priority;
DROP TABLE waiting_hosts;
