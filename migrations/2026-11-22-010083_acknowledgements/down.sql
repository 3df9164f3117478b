DROP INDEX ledger_names_by_entry;
ALTER TABLE ledger_entries DROP COLUMN signed_with;
DROP TABLE acknowledgements;
