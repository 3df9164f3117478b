DROP INDEX removals_by_ban;
ALTER TABLE removals DROP COLUMN ban_ap_id;
