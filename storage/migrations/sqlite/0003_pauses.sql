-- When the server was told to start nothing, and when to go on; the last row counts.
CREATE TABLE pauses (
    seq    INTEGER PRIMARY KEY,
    paused INTEGER NOT NULL,
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL
) STRICT;
