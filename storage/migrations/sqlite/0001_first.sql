-- A pipeline of a repository, and the number of its newest run.
CREATE TABLE pipelines (
    id            INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    last_number   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX pipelines_key ON pipelines (repository_id, host, name);

-- The queue of one ref in one pipeline: what machine.Next works on. last_seq
-- and last_hash are the end of the lane's chain of events.
CREATE TABLE lanes (
    id            INTEGER PRIMARY KEY,
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    pipeline      TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    ledger        BLOB    NOT NULL,
    last_seq      INTEGER NOT NULL,
    last_hash     BLOB    NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX lanes_key ON lanes (repository_id, host, lane, pipeline);

-- Resolved pipelines, immutable.
CREATE TABLE definitions (
    repository_id INTEGER NOT NULL,
    digest        TEXT    NOT NULL,
    doc           BLOB    NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, digest)
) STRICT, WITHOUT ROWID;

-- Runs. rev counts the saves; a reporter has shown the run as of reported_rev,
-- and changed_at is when the first change it has not shown was saved. The number
-- column is the run's number, whatever doc says.
CREATE TABLE executions (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    lane_id       INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    ended         INTEGER NOT NULL,
    open_gates    INTEGER NOT NULL,
    sha           TEXT    NOT NULL,
    rev           INTEGER NOT NULL,
    reported_rev  INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    doc           BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX executions_id       ON executions (id);
CREATE INDEX executions_unfinished      ON executions (lane_id, position)     WHERE ended = 0;
CREATE INDEX executions_unreported      ON executions (changed_at)            WHERE rev > reported_rev;
CREATE INDEX executions_gates           ON executions (seq)                   WHERE open_gates > 0;
CREATE INDEX executions_repository      ON executions (repository_id);
CREATE INDEX executions_repository_status ON executions (repository_id, status);
CREATE INDEX executions_pipeline        ON executions (pipeline_id);
CREATE INDEX executions_pipeline_status ON executions (pipeline_id, status);
CREATE INDEX executions_lane            ON executions (lane_id);
CREATE INDEX executions_lane_status     ON executions (lane_id, status);
CREATE INDEX executions_status          ON executions (status);
CREATE INDEX executions_sha             ON executions (sha);

-- Facts, append-only. hash = sha256(hash of the one before || doc).
CREATE TABLE events (
    lane_id       INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    repository_id INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    doc           BLOB    NOT NULL,
    hash          BLOB    NOT NULL,
    PRIMARY KEY (lane_id, seq)
) STRICT, WITHOUT ROWID;

-- Work to do. A row is there until it is done; dead ones were given up.
CREATE TABLE orders (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    repository_id INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    payload       BLOB    NOT NULL,
    due           INTEGER NOT NULL,
    attempts      INTEGER NOT NULL,
    last_error    TEXT    NOT NULL,
    dead          INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX orders_id ON orders (id);
CREATE INDEX orders_due  ON orders (due) WHERE dead = 0;
CREATE INDEX orders_dead ON orders (dead) WHERE dead > 0;

-- Business keys of inputs that had their effect.
CREATE TABLE input_keys (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX input_keys_created ON input_keys (created_at);

-- Webhook deliveries. order_id is the open or dead order that handles one.
CREATE TABLE deliveries (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL,
    host          TEXT    NOT NULL,
    repository_id INTEGER NOT NULL,
    event         TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    headers       BLOB,
    body          BLOB,
    received_at   INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    order_id      TEXT
) STRICT;
CREATE UNIQUE INDEX deliveries_id  ON deliveries (id);
CREATE INDEX deliveries_repository ON deliveries (repository_id);
CREATE INDEX deliveries_status     ON deliveries (status);
CREATE INDEX deliveries_order      ON deliveries (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX deliveries_bodies     ON deliveries (received_at) WHERE body IS NOT NULL;
CREATE INDEX deliveries_received   ON deliveries (received_at);

-- What the forge shows of us.
CREATE TABLE reports (
    repository_id INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    execution     TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    position      INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    hash          TEXT    NOT NULL,
    external_id   INTEGER NOT NULL,
    shown_at      INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host, subject, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_execution ON reports (repository_id, execution);

-- Repositories that an installation of the app reaches.
CREATE TABLE repositories (
    repository_id  INTEGER NOT NULL,
    host           TEXT    NOT NULL,
    owner          TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    default_branch TEXT    NOT NULL,
    installation   INTEGER NOT NULL,
    clone_url      TEXT    NOT NULL,
    web_url        TEXT    NOT NULL,
    suspended      INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (repository_id, host)
) STRICT, WITHOUT ROWID;
CREATE INDEX repositories_installation ON repositories (installation);

-- How much of an attempt's log is durable, in package actionlog's words.
CREATE TABLE logs (
    repository_id INTEGER NOT NULL,
    attempt_id    TEXT    NOT NULL,
    doc           BLOB    NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, attempt_id)
) STRICT, WITHOUT ROWID;
