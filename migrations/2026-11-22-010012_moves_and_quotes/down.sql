DROP TABLE quote_stamps;
DROP TABLE moves;
DROP TABLE aliases;
