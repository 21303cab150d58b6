-- Which account at the forge somebody in Slack speaks for: one for each forge, and no
-- two users of a workspace for the same.
CREATE TABLE slack_accounts (
    team      TEXT    NOT NULL,
    user_id   TEXT    NOT NULL,
    host      TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    actor_id  INTEGER NOT NULL,
    login     TEXT    NOT NULL,
    linked_by TEXT    NOT NULL,
    linked_at INTEGER NOT NULL,
    muted     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (team, user_id, host)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX slack_accounts_actor ON slack_accounts (host, actor_id, team);
CREATE INDEX slack_accounts_linked ON slack_accounts (team, host, linked_at, user_id);

-- Who has unlinked an account: no address links it again.
CREATE TABLE slack_unlinked (
    team    TEXT NOT NULL,
    user_id TEXT NOT NULL,
    host    TEXT NOT NULL,
    PRIMARY KEY (team, user_id, host)
) STRICT, WITHOUT ROWID;

-- Links that are offered. The digest is that of the token in the address.
CREATE TABLE slack_links (
    digest     TEXT    NOT NULL PRIMARY KEY,
    team       TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    team_name  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX slack_links_user ON slack_links (team, user_id, created_at);
CREATE INDEX slack_links_expires ON slack_links (expires_at);

-- Whose verified addresses these are, by their SHA-256, as of the last login.
CREATE TABLE verified_emails (
    host     TEXT    NOT NULL,
    digest   TEXT    NOT NULL,
    actor_id INTEGER NOT NULL,
    login    TEXT    NOT NULL,
    seen_at  INTEGER NOT NULL,
    PRIMARY KEY (host, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX verified_emails_actor ON verified_emails (host, actor_id);
CREATE INDEX verified_emails_seen ON verified_emails (seen_at);
