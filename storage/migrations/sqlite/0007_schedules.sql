-- Schedules of the pipelines on default branches, and when each is due next.
CREATE TABLE schedules (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    pipeline      TEXT    NOT NULL,
    doc           TEXT    NOT NULL, -- JSON: what the file says
    due           INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host, pipeline, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_due ON schedules (due);
