-- How a group is doing, as last computed from its ledger: for pages, so that nothing is computed twice.
CREATE TABLE health_reports (
    group_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    size BIGINT NOT NULL,               -- entries of the ledger that it rests on
    as_of BIGINT NOT NULL,
    report TEXT NOT NULL                -- JSON
);
