DROP INDEX oauth_tokens_by_app;
DROP TABLE account_news;
DROP TABLE sign_in_tries;
