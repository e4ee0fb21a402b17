import { randomBytes } from "node:crypto";
import process from "node:process";
import { createConnection } from "mysql2/promise";
import { afterAll, inject } from "vitest";
import { sharedMariadb } from "../../tools/mariadb.js";

/** The server that the tests of MySQL use: that of TEST_MYSQL_URL, or a private MariaDB that ends with the run. */
export async function mysqlServer(): Promise<string> {
  const given = process.env.TEST_MYSQL_URL;
  if (given !== undefined && given !== "") return given;
  const { folder, owner } = inject("mariadb");
  return sharedMariadb(folder, owner);
}

/**
 * A new empty database, dropped after the tests of the file (or describe block) that asks for it: `mysql://…` with its name.
 */
export async function mysqlDatabase(): Promise<string> {
  const server = await mysqlServer();
  const name = `terrapin_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  const run = async (sql: string): Promise<void> => {
    const connection = await createConnection(server);
    try {
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  };
  await run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  afterAll(() => run(`DROP DATABASE IF EXISTS ${name}`));
  url.pathname = `/${name}`;
  return url.href;
}
