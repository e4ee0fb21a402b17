import type { Driver } from "../../core/connection/driver.js";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { mysql } from "../../drivers/mysql/index.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { parseDbUrl } from "../../core/connection/db-url.js";
import { mysqlDatabase } from "../support/databases.js";
import { judged } from "../support/mysql8.js";
import { later } from "../support/later.js";

/** A driver that the laws are held to. */
export interface LawDriver {
  readonly name: string;
  readonly open: () => Driver;
  /** which part of the runs of a property: where statements travel, fewer are enough */
  readonly share: number;
}

export const SQLITE: readonly LawDriver[] = [
  { name: "SQLite at once", open: () => sqlite(":memory:"), share: 1 },
  { name: "SQLite with promises", open: () => later(sqlite(":memory:")), share: 1 },
];

/** MySQL on a new empty database; asked for at the top of a file, which drops it at its end. */
export async function mysqlLaws(): Promise<LawDriver> {
  const options = mysqlOptions(parseDbUrl(await mysqlDatabase()).credentials);
  const judge = judged(300);
  return { name: "MySQL", open: () => judge(mysql(options)), share: 1 / 8 };
}
