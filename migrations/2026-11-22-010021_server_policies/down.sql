DROP INDEX servers_restricted;
UPDATE servers SET policy = 'open' WHERE policy = 'limited';
ALTER TABLE servers DROP COLUMN policy_at;
