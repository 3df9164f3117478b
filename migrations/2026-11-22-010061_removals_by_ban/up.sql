-- Of a post that went because its author was banned: the id of that ban's activity.
ALTER TABLE removals ADD COLUMN ban_ap_id TEXT;
CREATE INDEX removals_by_ban ON removals (ban_ap_id);
