/**
 * The database's shape, one entry a version. An entry that was released is never edited: a change is a new entry.
 * Times are milliseconds since 1970; JSON columns are parsed through the contract's schemas when read.
 */
export const migrations: readonly string[] = [
  `
  -- One row for each process that has the database open, so that others can tell whether a turn's owner lives.
  CREATE TABLE processes (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    heartbeat_at INTEGER NOT NULL
  ) STRICT;

  -- Counts changes by topic, so that one process can tell what another one changed.
  CREATE TABLE revisions (topic TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE items (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('video', 'image', 'folder')),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    real_path TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    modified_at REAL NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    duration_seconds REAL NOT NULL,
    frame_rate REAL NOT NULL,
    has_audio INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    playable INTEGER NOT NULL,
    sample INTEGER NOT NULL,
    suggested_questions TEXT NOT NULL,
    problem TEXT,
    removed_at INTEGER
  ) STRICT;

  CREATE TABLE folder_entries (
    item_id TEXT NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('video', 'image')),
    PRIMARY KEY (item_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    titled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    draft TEXT NOT NULL,
    removed_at INTEGER
  ) STRICT;
  CREATE INDEX conversations_by_time ON conversations (updated_at);

  CREATE TABLE turns (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    status TEXT NOT NULL,
    failure TEXT,
    citations TEXT NOT NULL,
    usage TEXT,
    model TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    -- The process that answers it now; null when nobody does.
    owner TEXT,
    -- Set by another process that wants it stopped.
    stop_requested INTEGER NOT NULL DEFAULT 0,
    -- The finished answer that a retry will replace once it has text of its own.
    previous TEXT,
    UNIQUE (conversation_id, position)
  ) STRICT;
  CREATE INDEX turns_by_owner ON turns (owner) WHERE owner IS NOT NULL;

  CREATE TABLE turn_media (
    turn_id TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    item_id TEXT NOT NULL REFERENCES items (id),
    range_start REAL,
    range_end REAL,
    tiles INTEGER NOT NULL,
    PRIMARY KEY (turn_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX turn_media_by_item ON turn_media (item_id);
  `,
  `
  -- Bytes of a name that is not UTF-8; \`name\` is what of it can be shown. Null for all others.
  ALTER TABLE folder_entries ADD COLUMN raw_name BLOB;
  -- Folders with names that lost bytes count as changed, so that the next look at the files lists them again.
  UPDATE items SET modified_at = -1 WHERE id IN
    (SELECT item_id FROM folder_entries WHERE instr(name, char(0xfffd)) > 0);
  `,
]
