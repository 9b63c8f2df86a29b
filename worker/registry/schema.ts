/** The registry's tables. `state` has named numbers. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (place INTEGER PRIMARY KEY, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credentials (
  key_hash TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, seen_at INTEGER, version TEXT
);
CREATE TABLE IF NOT EXISTS burned (invite TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
  place INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, what TEXT NOT NULL, who TEXT, about TEXT, address TEXT
);
CREATE INDEX IF NOT EXISTS audit_by_kind ON audit (what, at);
CREATE TABLE IF NOT EXISTS spent (
  who TEXT NOT NULL, expires_day INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (who, expires_day)
);
`;
