DROP TABLE ledger_faults;
DROP TABLE ledger_witnesses;
DROP TABLE ledger_peers;
DROP TABLE ledger_followed;
