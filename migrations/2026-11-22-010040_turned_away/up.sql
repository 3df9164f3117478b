-- Sign-ups that were turned away keep the reason, for whoever signs in to ask.
ALTER TABLE members ADD COLUMN denied_at BIGINT;
ALTER TABLE members ADD COLUMN denied_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX members_waiting ON members (actor_id) WHERE approved_at IS NULL;
