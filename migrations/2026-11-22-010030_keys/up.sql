-- Keys beside an actor's main one: of remote actors all that their documents list, of local ones
-- those that were replaced and are still shown for a while.
CREATE TABLE public_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    material TEXT NOT NULL,             -- PEM, or multibase (z..)
    until BIGINT                        -- shown until then; remote: as long as it is listed
);
CREATE INDEX public_keys_by_actor ON public_keys (actor_id);

-- The secret half of a local actor's main key that was replaced: what is under way goes by it.
CREATE TABLE former_keys (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    key_id TEXT NOT NULL,
    rsa_private TEXT NOT NULL           -- PEM
);

-- Which form of signatures a server takes, as it showed; unknown until it refused one.
ALTER TABLE servers ADD COLUMN signatures TEXT;
