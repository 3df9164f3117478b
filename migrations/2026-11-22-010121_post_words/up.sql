-- The words of posts, as `text::search` makes them; the row's own id is that of the post.
--sqlite CREATE VIRTUAL TABLE post_words USING fts5(words, content = '', contentless_delete = 1, tokenize = 'ascii');
--postgres CREATE TABLE post_words (post_id BIGINT PRIMARY KEY NOT NULL, words TSVECTOR NOT NULL);
--postgres CREATE INDEX post_words_by_word ON post_words USING gin (words);

-- What is here already is looked through by and by.
INSERT INTO jobs (id, task, dedup, attempts, due_at, last_error)
SELECT 10121, '{"KeepWords":{"below":9223372036854775807}}', '{"KeepWords":{"below":9223372036854775807}}', 0, 0, ''
WHERE EXISTS (SELECT 1 FROM posts);
