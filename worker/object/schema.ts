/**
 * Every table of the object.
 *
 * `place` is both the order and the time of receipt: milliseconds since 1970 × 1000. Machine names are in lower case where
 * they are compared. An index costs one written row per message in it (of 100,000 a day on the free plan), so indexes are
 * partial where possible.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS messages (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  receiver TEXT,
  thread TEXT NOT NULL,
  expires_at INTEGER,
  gone INTEGER NOT NULL DEFAULT 0,
  head TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  tags TEXT NOT NULL,
  content TEXT -- JSON; null if only KV has the text, or the message is gone
);
CREATE INDEX IF NOT EXISTS sent ON messages (sender, place);
CREATE INDEX IF NOT EXISTS replies ON messages (thread) WHERE thread <> id;
CREATE INDEX IF NOT EXISTS ending ON messages (expires_at) WHERE expires_at IS NOT NULL AND gone = 0;

CREATE TABLE IF NOT EXISTS receipts (
  place INTEGER NOT NULL,
  machine TEXT NOT NULL,
  name TEXT NOT NULL,
  shown INTEGER,
  read INTEGER,
  taken INTEGER,
  own_key INTEGER NOT NULL DEFAULT 0, -- 1: marked with the own key of a machine that has joined
  PRIMARY KEY (place, machine)
) WITHOUT ROWID;

-- When a machine was last seen, which computers use its name, and how often it marked messages.
CREATE TABLE IF NOT EXISTS last_seen (
  machine TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  seen INTEGER NOT NULL,
  marks INTEGER NOT NULL DEFAULT 0,
  installations TEXT NOT NULL DEFAULT '{}',
  own_key INTEGER NOT NULL DEFAULT 0 -- 1: it was seen with its own key
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS floors (
  machine TEXT PRIMARY KEY,
  place INTEGER NOT NULL,
  unread TEXT NOT NULL
) WITHOUT ROWID;

-- Batches of texts that KV acknowledged: every message after the previous batch, up to this place.
CREATE TABLE IF NOT EXISTS copies (up_to INTEGER PRIMARY KEY, copied_at INTEGER NOT NULL);
-- Deleted messages whose KV keys are to be deleted at this time.
CREATE TABLE IF NOT EXISTS kv_deletes (place INTEGER PRIMARY KEY, id TEXT NOT NULL, due_at INTEGER NOT NULL);

-- Per account: the number of messages ever sent, and stored bytes by the day on which they expire.
CREATE TABLE IF NOT EXISTS accounts (who TEXT PRIMARY KEY, sent INTEGER NOT NULL, bytes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS capsule_parts (
  sha256 TEXT NOT NULL, who TEXT NOT NULL, bytes INTEGER NOT NULL, ends_day INTEGER NOT NULL, PRIMARY KEY (sha256, who)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS capsule_parts_ending ON capsule_parts (ends_day);

-- The machine list as signed entries, the hashes of its machines' keys, invitations with failed joins, and the audit log.
CREATE TABLE IF NOT EXISTS entries (place INTEGER PRIMARY KEY, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credentials (
  key_hash TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, seen_at INTEGER, version TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invitations (id TEXT PRIMARY KEY, wrong_joins INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  place INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT, about TEXT, address TEXT
);

-- Named numbers.
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
`;
