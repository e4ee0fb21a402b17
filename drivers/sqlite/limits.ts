import type { Limits } from "../../core/connection/driver.js";

/** What SQLite cannot exceed as it is usually built. */
export const sqliteLimits: Limits = {
  maxParams: 32_766,
  maxSqlBytes: 1_000_000_000,
  maxColumns: 2000,
  maxCompoundTerms: 500,
  maxDepth: 1000,
  maxLikeBytes: 50_000,
  maxStatementsPerRequest: Infinity,
};
