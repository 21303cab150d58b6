-- Who is logged in. The hash is that of what the browser holds.
CREATE TABLE sessions (
    hash       TEXT    NOT NULL PRIMARY KEY,
    host       TEXT    NOT NULL,
    user_id    INTEGER NOT NULL,
    login      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (host, user_id, created_at);
CREATE INDEX sessions_created ON sessions (created_at);

-- What lets programs act as somebody. Rows stay when a token has ended: who could
-- do what, and until when, can be looked up.
CREATE TABLE tokens (
    id           TEXT    NOT NULL PRIMARY KEY,
    hash         TEXT    NOT NULL UNIQUE,
    host         TEXT    NOT NULL,
    user_id      INTEGER NOT NULL,
    login        TEXT    NOT NULL,
    scopes       TEXT    NOT NULL, -- a JSON array of words
    repositories TEXT    NOT NULL, -- a JSON array of ids; empty: no limit
    created_by   TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER NOT NULL DEFAULT 0,
    used_at      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tokens_user ON tokens (host, user_id);
