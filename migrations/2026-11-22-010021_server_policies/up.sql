-- Since when a server is limited or blocked; what was hidden by a block carries the same time.
ALTER TABLE servers ADD COLUMN policy_at BIGINT;
CREATE INDEX servers_restricted ON servers (policy, host);
