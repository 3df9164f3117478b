DELETE FROM jobs WHERE task LIKE '{"ReadLink":%';
DROP INDEX posts_local;
DROP TABLE weeks;
ALTER TABLE polls DROP COLUMN hide_totals;
