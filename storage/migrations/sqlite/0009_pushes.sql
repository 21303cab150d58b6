-- Who has pushed what, for gates that keep people from approving their own change.
CREATE TABLE pushes (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    after         TEXT    NOT NULL,
    ref           TEXT    NOT NULL,
    pusher_id     INTEGER NOT NULL,
    pusher        TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host, after, ref, pusher_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_ref ON pushes (repository_id, host, ref, at);
CREATE INDEX pushes_at ON pushes (at);
