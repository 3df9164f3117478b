ALTER TABLE ledger_entries DROP COLUMN restored;
DROP TABLE receipts_restored;
