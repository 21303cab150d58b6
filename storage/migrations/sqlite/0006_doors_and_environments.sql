-- Doors into stages of a pipeline that somebody has touched; lane '' is every
-- lane's.
CREATE TABLE transitions (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    pipeline      TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    stage         TEXT    NOT NULL,
    doc           BLOB    NOT NULL,
    PRIMARY KEY (repository_id, host, pipeline, lane, stage)
) STRICT, WITHOUT ROWID;

-- Who holds an environment, and who waits for it, first come, first served. The
-- first row of an environment has it; granted means that it was told.
CREATE TABLE environment_claims (
    seq           INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    environment   TEXT    NOT NULL,
    pipeline      TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    execution     TEXT    NOT NULL,
    stage         TEXT    NOT NULL,
    granted       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX environment_claims_line ON environment_claims (repository_id, host, environment, seq);
CREATE UNIQUE INDEX environment_claims_key ON environment_claims (execution, stage, environment);
