DROP INDEX members_waiting;
ALTER TABLE members DROP COLUMN denied_reason;
ALTER TABLE members DROP COLUMN denied_at;
