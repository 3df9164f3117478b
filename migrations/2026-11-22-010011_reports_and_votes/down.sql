ALTER TABLE likes DROP COLUMN emoji_url;
ALTER TABLE posts DROP COLUMN dislikes_count;
DROP TABLE dislikes;
DROP TABLE report_posts;
DROP TABLE reports;
