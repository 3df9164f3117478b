DROP TABLE receipts_restored;
