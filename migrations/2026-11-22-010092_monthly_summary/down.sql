DROP TABLE group_summaries;
ALTER TABLE groups DROP COLUMN monthly_summary;
