ALTER TABLE servers DROP COLUMN signatures;
DROP TABLE former_keys;
DROP TABLE public_keys;
