-- How far things outside were read: a time of their clock.
CREATE TABLE bookmarks (
    name TEXT    NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
