-- Accounts that the operator declares as their own people, here and elsewhere. `members.staff` said so
-- of members alone; it is left where it is for the version before, which reads it.
CREATE TABLE staff (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    since BIGINT NOT NULL,
    declared_by BIGINT REFERENCES actors (id)       -- none: the command line
);
INSERT INTO staff (actor_id, since) SELECT actor_id, created_at FROM members WHERE staff = TRUE;
