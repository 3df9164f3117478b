-- When a thread that began elsewhere was last looked through there, and where its server lists it.
CREATE TABLE thread_looks (
    thread_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    looked_at BIGINT NOT NULL,
    context TEXT                        -- the collection of the whole thread, as its root says
);
