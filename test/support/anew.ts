import { randomBytes } from "node:crypto";
import process from "node:process";
import type { Driver } from "../../core/connection/driver.js";
import { parseDbUrl } from "../../core/connection/db-url.js";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { mysql } from "../../drivers/mysql/index.js";
import { sqlite } from "../../drivers/sqlite/index.js";
import { mysqlServer } from "./databases.js";

/**
 * A driver of a new and empty database. What a test asks of it must hold on both families: the project "mysql" runs the same
 * files on a server.
 */
export async function anew(): Promise<Driver> {
  if (process.env.TERRAPIN_TEST_DRIVER !== "mysql") return sqlite(":memory:");
  const { credentials } = parseDbUrl(await mysqlServer());
  const driver = mysql({ ...mysqlOptions(credentials), database: `terrapin_${randomBytes(6).toString("hex")}` });
  await driver.createDatabase!();
  const close = driver.close.bind(driver);
  // Closing one in the memory of SQLite ends it, too.
  driver.close = async () => {
    driver.close = close;
    await driver.dropDatabase!();
  };
  return driver;
}
