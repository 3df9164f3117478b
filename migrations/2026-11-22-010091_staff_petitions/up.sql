-- Voters of a group ask the operator to say whether somebody is staff.
CREATE TABLE staff_petitions (
    id BIGINT PRIMARY KEY NOT NULL,
    group_id BIGINT NOT NULL REFERENCES actors (id),
    person_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT NOT NULL,                -- gathering, lapsed, standing, declared, denied, silent
    statement TEXT NOT NULL DEFAULT '', -- what the operator says to it, plain text
    answered_by BIGINT REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    stands_since BIGINT,
    due_at BIGINT,                      -- until when the operator may answer
    closed_at BIGINT
);
CREATE UNIQUE INDEX staff_petitions_open ON staff_petitions (group_id, person_id) WHERE closed_at IS NULL;
CREATE INDEX staff_petitions_by_group ON staff_petitions (group_id, id);
CREATE INDEX staff_petitions_by_person ON staff_petitions (person_id, closed_at);
CREATE INDEX staff_petitions_by_state ON staff_petitions (state, due_at);

-- Who asks; nobody is told.
CREATE TABLE staff_petitioners (
    petition_id BIGINT NOT NULL REFERENCES staff_petitions (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (petition_id, actor_id)
);
CREATE INDEX staff_petitioners_by_actor ON staff_petitioners (actor_id, petition_id);
