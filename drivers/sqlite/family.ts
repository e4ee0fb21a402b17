/** What every driver of SQLite's family shares, for drivers of one's own: no client is loaded with it. */
export { sqliteDialect } from "./dialect.js";
export { sqliteCode, sqliteError, toSqliteError } from "./errors.js";
export { introspectSqlite } from "./introspect.js";
export { sqliteLimits } from "./limits.js";
export { SqliteSession, type SqliteHost } from "./session.js";
export { exactInteger, sqliteResult, type SqliteAnswer } from "./wire.js";
