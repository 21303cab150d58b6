-- Environments of a repository that somebody has locked; one that is unlocked has no
-- row.
CREATE TABLE lockouts (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    environment   TEXT    NOT NULL,
    doc           BLOB    NOT NULL,
    PRIMARY KEY (repository_id, host, environment)
) STRICT, WITHOUT ROWID;
