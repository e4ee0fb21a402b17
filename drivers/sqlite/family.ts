/** What every driver of SQLite's family shares, for drivers of one's own: no client is loaded with it. */
export { sqliteDialect } from "./dialect.js";
export { sqliteCode, sqliteError } from "./errors.js";
export { introspectSqlite } from "./introspect.js";
export { sqliteLimits } from "./limits.js";
