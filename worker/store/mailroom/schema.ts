/**
 * The Mailroom's tables. `place` is the order of receipt and the time of it: milliseconds since 1970 × 1000, plus a number
 * that keeps two of one millisecond apart. Names of machines are lower case where they are compared.
 *
 * Each index costs a row written for every message it holds (100,000 a day on the free plan), so each but the id's holds
 * only the messages that need it.
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
  content TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS replies ON messages (thread) WHERE thread <> id;
CREATE INDEX IF NOT EXISTS ending ON messages (expires_at) WHERE expires_at IS NOT NULL AND gone = 0;

CREATE TABLE IF NOT EXISTS receipts (
  place INTEGER NOT NULL,
  machine TEXT NOT NULL,
  name TEXT NOT NULL,
  shown INTEGER,
  read INTEGER,
  taken INTEGER,
  PRIMARY KEY (place, machine)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS machines (
  machine TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  seen INTEGER NOT NULL,
  marks INTEGER NOT NULL DEFAULT 0,
  installations TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS floors (
  machine TEXT PRIMARY KEY,
  place INTEGER NOT NULL,
  unread TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS state (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
`;
