DROP TABLE reply_approvals;
ALTER TABLE policies DROP COLUMN ask_quote;
ALTER TABLE policies DROP COLUMN ask_reply;
DROP TABLE quotes;
