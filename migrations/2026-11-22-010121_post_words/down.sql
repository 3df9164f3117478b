DELETE FROM jobs WHERE task LIKE '{"KeepWords":%';
DROP TABLE post_words;
