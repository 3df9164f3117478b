ALTER TABLE ledger_entries DROP COLUMN signed_with;
DROP TABLE acknowledgements;
