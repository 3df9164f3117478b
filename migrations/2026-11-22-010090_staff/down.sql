UPDATE members SET staff = FALSE;
UPDATE members SET staff = TRUE WHERE actor_id IN (SELECT actor_id FROM staff);
DROP TABLE staff;
