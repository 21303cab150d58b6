-- Schedules of the pipelines on default branches, when each is due next, and when
-- somebody is to see to it.
CREATE TABLE schedules (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    pipeline      TEXT    NOT NULL,
    doc           TEXT    NOT NULL, -- JSON: what the file says
    due           INTEGER NOT NULL,
    at            INTEGER NOT NULL, -- when to look at it: due, or later
    PRIMARY KEY (repository_id, host, pipeline, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_at ON schedules (at);
