import mysql2 from "mysql2";
import mysql2Promise from "mysql2/promise";
import { DBConnectionError, inTransaction, IntegrityError, ParamsError, Terrapin, UnsupportedError } from "terrapin";
import { mysql, type MysqlDriver } from "terrapin/mysql";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../core/connection/connection.js";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();
const { hostname: host, port, username: user, password, pathname } = new URL(url);
const where = { host, port: Number(port), user, password, database: pathname.slice(1) };

const open: Connection[] = [];
function connect(driver: MysqlDriver = mysql(where)): Connection {
  const connection = new Connection("default", driver);
  open.push(connection);
  return connection;
}
afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

const counts = (db: Connection) => (db.driver as MysqlDriver).pool;
const one = async (db: Connection, sql: string): Promise<unknown> =>
  Object.values((await db.executeQueryDict(sql))[0]!)[0];

beforeAll(async () => {
  const db = connect();
  await db.executeScript(`
    CREATE TABLE counter (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20) UNIQUE, hits INT NOT NULL DEFAULT 0,
      CONSTRAINT few CHECK (hits < 1000));
    CREATE TABLE child (id INT PRIMARY KEY, counter_id INT NOT NULL,
      CONSTRAINT fk_child FOREIGN KEY (counter_id) REFERENCES counter (id));
    CREATE TABLE exact (id INT PRIMARY KEY, big BIGINT, ubig BIGINT UNSIGNED, money DECIMAL(30,10), day DATE,
      clock TIME(6), moment DATETIME(6), doc JSON, bytes LONGBLOB, real_number DOUBLE, words LONGTEXT);
  `);
});

describe.each([
  ["prepared", () => mysql(where)],
  ["as text", () => mysql({ ...where, prepared: false })],
  ["without eval", () => mysql({ ...where, disableEval: true })],
  ["as text without eval", () => mysql({ ...where, prepared: false, disableEval: true })],
  ["a pool of mysql2 with every flag wrong", () => mysql(wrongPool())],
  ["a pool with promises", () => mysql(mysql2Promise.createPool({ ...where, connectionLimit: 2 }))],
])("%s", (_name, make) => {
  it("values go there and come back as they are", async () => {
    const db = connect(make());
    await db.executeQuery("DELETE FROM exact", []);
    const bytes = new Uint8Array(256).map((_, i) => i);
    const words = "𝄞 ünï'\"\\ \0 \n % _ ?";
    await db.executeQuery("INSERT INTO exact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [
      1,
      -9223372036854775808n,
      "18446744073709551615",
      "12345678901234567890.0123456789",
      "2024-02-29",
      "23:59:59.999999",
      "2024-12-31 23:59:59.123456",
      '{"n": 9007199254740993}',
      bytes,
      0.1,
      words,
    ]);
    const [row] = await db.executeQueryDict("SELECT * FROM exact WHERE id = ?", [1]);
    expect(row).toMatchObject({
      big: -9223372036854775808n,
      ubig: 18446744073709551615n,
      money: "12345678901234567890.0123456789",
      day: "2024-02-29",
      clock: "23:59:59.999999",
      moment: "2024-12-31 23:59:59.123456",
      doc: '{"n": 9007199254740993}',
      real_number: 0.1,
      words,
    });
    expect([...(row!["bytes"] as Uint8Array)]).toEqual([...bytes]);
    const found = await db.executeQueryDict("SELECT id FROM exact WHERE big = ? AND ubig = ?", [
      -9223372036854775808n,
      "18446744073709551615",
    ]);
    expect(found).toEqual([{ id: 1 }]);
    await db.executeQuery("UPDATE exact SET real_number = ? WHERE id = ?", [-0, 1]);
    await db.executeQuery("UPDATE exact SET real_number = ?, big = ?, bytes = ?, words = ?", [
      1e300,
      null,
      new Uint8Array(),
      "",
    ]);
    expect((await db.executeQueryDict("SELECT real_number, big, bytes, words FROM exact"))[0]).toMatchObject({
      real_number: 1e300,
      big: null,
      words: "",
    });
  });

  it("integers can be bound where only integers are taken", async () => {
    const db = connect(make());
    const [, rows] = await db.executeQuery("SELECT 1 AS a UNION SELECT 2 LIMIT ? OFFSET ?", [1, 1]);
    expect(rows).toEqual([{ a: 2 }]);
  });

  it("a statement by hand gets as many values as it asks for", async () => {
    const db = connect(make());
    const rows = await db.executeQueryDict("SELECT '?' AS `a?`, ? AS b /* ? */ -- ?\n, ? AS c", [1, "x"]);
    expect(rows).toEqual([{ "a?": "?", b: 1, c: "x" }]);
    for (const values of [[], [1], [1, 2, 3]])
      await expect(db.executeQueryDict("SELECT ? AS a, '?' AS b, ? AS c", values)).rejects.toThrow(
        `the numbers of values (${values.length}) and of ? in the statement (2) differ`,
      );
    await db.executeQuery("DELETE FROM counter WHERE name LIKE ?", ["many%"]);
    const many = db.executeMany("INSERT INTO counter (name) VALUES (?)", [["many"], ["many more", "many"]]);
    await expect(many).rejects.toThrow(ParamsError);
    expect(await one(db, "SELECT COUNT(*) FROM counter WHERE name LIKE 'many%'")).toBe(0);
  });

  it("affected rows are those that matched, and the key is told", async () => {
    const db = connect(make());
    await db.executeQuery("DELETE FROM counter", []);
    const id = await db.executeInsert("INSERT INTO counter (name, hits) VALUES (?, ?)", ["a", 1]);
    expect(id).toBeGreaterThan(0);
    const [matched] = await db.executeQuery("UPDATE counter SET hits = 1 WHERE name = ?", ["a"]);
    expect(matched).toBe(1);
    expect(await db.executeInsert("UPDATE counter SET hits = 2 WHERE name = ?", ["b"])).toBeNull();
    expect((await db.run("SELECT name, hits FROM counter", [])).rows).toEqual([["a", 1]]);
  });

  it("every connection is in UTC and strict, with zero as a key", async () => {
    const db = connect(make());
    expect(await one(db, "SELECT @@session.time_zone")).toBe("+00:00");
    const modes = String(await one(db, "SELECT @@session.sql_mode")).split(",");
    expect(modes).toEqual(expect.arrayContaining(["STRICT_TRANS_TABLES", "NO_AUTO_VALUE_ON_ZERO"]));
    expect(modes).not.toContain("NO_BACKSLASH_ESCAPES");
  });

  it("transactions hold, nest and fall back", async () => {
    const db = connect(make());
    await db.executeQuery("DELETE FROM counter", []);
    const insert = (on: { executeQuery: Connection["executeQuery"] }, name: string) =>
      on.executeQuery("INSERT INTO counter (name) VALUES (?)", [name]);
    await inTransaction(
      async (tx) => {
        await insert(tx, "kept");
        await expect(
          inTransaction(
            async (inner) => {
              await insert(inner, "dropped");
              throw new Error("mine");
            },
            { connection: tx },
          ),
        ).rejects.toThrow("mine");
        await inTransaction((inner) => insert(inner, "nested"), { connection: tx });
        expect(await one(db, "SELECT COUNT(*) FROM counter")).toBe(0);
      },
      { connection: db },
    );
    const [, rows] = await db.executeQuery("SELECT name FROM counter ORDER BY name");
    expect(rows).toEqual([{ name: "kept" }, { name: "nested" }]);
  });
});

function wrongPool(): mysql2.Pool {
  return mysql2.createPool({
    ...where,
    connectionLimit: 2,
    decimalNumbers: true,
    supportBigNumbers: false,
    dateStrings: false,
    jsonStrings: false,
    timezone: "+05:00",
    rowsAsArray: false,
    namedPlaceholders: true,
    nestTables: true,
    typeCast: (_field, _next) => "nonsense",
  } as mysql2.PoolOptions);
}

describe("a pool of mysql2", () => {
  it.each(["latin1", "utf8", "ascii"])("is refused when its character set is %s", async (charset) => {
    const pool = mysql2.createPool({ ...where, charset });
    expect(() => mysql(pool)).toThrow(/character set of this pool/);
    await pool.promise().end();
  });

  it("is closed once, by whomever, and says so from then on", async () => {
    for (const mine of [true, false]) {
      const pool = mysql2.createPool({ ...where, charset: "utf8mb4_unicode_ci" });
      const db = connect(mysql(pool));
      expect(await one(db, "SELECT '😀'")).toBe("😀");
      if (mine) await pool.promise().end();
      await db.close();
      await db.close();
      await expect(one(db, "SELECT 1")).rejects.toMatchObject({ code: "closed" });
    }
  });
});

describe("errors", () => {
  it("of rules say which rule", async () => {
    const db = connect();
    await db.executeQuery("DELETE FROM counter", []);
    await db.executeQuery("INSERT INTO counter (id, name) VALUES (1, 'a')", []);
    const failed = (sql: string): Promise<IntegrityError> =>
      db.executeQuery(sql).then(
        () => expect.unreachable(),
        (error: IntegrityError) => error,
      );
    const unique = await failed("INSERT INTO counter (name) VALUES ('a')");
    expect(unique).toBeInstanceOf(IntegrityError);
    expect(unique).toMatchObject({
      kind: "unique",
      constraint: "name",
      sql: "INSERT INTO counter (name) VALUES ('a')",
    });
    expect(await failed("INSERT INTO counter (id) VALUES (1)")).toMatchObject({ kind: "primaryKey" });
    expect(await failed("INSERT INTO counter (hits) VALUES (NULL)")).toMatchObject({
      kind: "notNull",
      fields: ["hits"],
    });
    expect(await failed("INSERT INTO child (id) VALUES (1)")).toMatchObject({
      kind: "notNull",
      fields: ["counter_id"],
    });
    expect(await failed("INSERT INTO counter (hits) VALUES (1000)")).toMatchObject({
      kind: "check",
      constraint: "few",
    });
    const key = { kind: "foreignKey", table: "child", constraint: "fk_child", fields: ["counter_id"] };
    expect(await failed("INSERT INTO child VALUES (1, 99)")).toMatchObject(key);
    await db.executeQuery("INSERT INTO child VALUES (1, 1)", []);
    expect(await failed("DELETE FROM counter")).toMatchObject(key);
    await db.executeQuery("DELETE FROM child", []);
    await expect(db.executeQuery("INSERT INTO counter (hits) VALUES (99999999999)")).rejects.toMatchObject({
      code: "out_of_range",
    });
    await expect(db.executeQuery("SELECT * FROM nothing")).rejects.toMatchObject({ code: "operational" });
    await expect(db.executeQuery("SELECT ?", [])).rejects.toBeInstanceOf(Error);
  });

  it("of connecting say so, and nothing stays open", async () => {
    for (const [given, what] of [
      [{ ...where, port: 1 }, /mysql:\/\/[\w.]+:1\/\w+ cannot be reached: .*ECONNREFUSED/],
      [{ ...where, host: "no-such-host.invalid" }, /cannot be reached: .*(ENOTFOUND|EAI_AGAIN)/],
      [{ ...where, user: "stranger" }, /denied/],
      [{ ...where, database: "no_such_database" }, /Unknown database/],
    ] as const) {
      const db = connect(mysql(given));
      const failed = db.executeQuery("SELECT 1");
      await expect(failed).rejects.toBeInstanceOf(DBConnectionError);
      await expect(failed).rejects.toThrow(what);
      expect(counts(db)).toMatchObject({ size: 0, busy: 0, waiting: 0 });
    }
  });

  it("of one statement leave the connection in order", async () => {
    const db = connect(mysql({ ...where, maxSize: 1 }));
    for (let i = 0; i < 5; i++) await expect(db.executeQuery("SELEC 1")).rejects.toThrow(/syntax/);
    expect(await one(db, "SELECT 1")).toBe(1);
    expect(counts(db)).toMatchObject({ opened: 1, closed: 0, idle: 1 });
  });
});

describe("what would reach whoever gets the connection next", () => {
  it.each([
    "BEGIN",
    " start transaction",
    "COMMIT",
    "SET autocommit = 0",
    "SET @@autocommit=0",
    "USE mysql",
    "LOCK TABLES counter READ",
    "/* a */ -- b\n # c\n (BEGIN)",
    "/*! BEGIN */",
    "/*M!100000 START TRANSACTION */",
  ])("%s is refused", async (sql) => {
    const db = connect();
    await expect(db.executeQuery(sql)).rejects.toMatchObject({ code: "raw_transaction" });
    await expect(db.executeScript(`SELECT 1; ${sql}`)).rejects.toMatchObject({ code: "raw_transaction" });
    await using lease = await db.acquireConnection();
    await expect(lease.executeQuery(sql)).rejects.toMatchObject({ code: "raw_transaction" });
  });

  it("a change of the schema inside a transaction is refused, because MySQL would commit", async () => {
    const db = connect();
    await db.executeQuery("DELETE FROM counter", []);
    await expect(
      inTransaction(
        async (tx) => {
          await tx.executeQuery("INSERT INTO counter (name) VALUES ('x')", []);
          await expect(tx.executeQuery("/* a */ CREATE TABLE t2 (id INT)")).rejects.toBeInstanceOf(UnsupportedError);
          await expect(tx.executeScript("SELECT 1; DROP TABLE counter")).rejects.toBeInstanceOf(UnsupportedError);
          throw new Error("mine");
        },
        { connection: db },
      ),
    ).rejects.toThrow("mine");
    expect(await one(db, "SELECT COUNT(*) FROM counter")).toBe(0);
  });
});

describe("a stream", () => {
  const all = "SELECT seq FROM seq_1_to_5000";

  it("gives rows while they come, and its connection back", async () => {
    const db = connect(mysql({ ...where, maxSize: 1 }));
    let sum = 0;
    for await (const [seq] of db.stream(all, [])) sum += Number(seq);
    expect(sum).toBe(12_502_500);
    expect(counts(db)).toMatchObject({ opened: 1, idle: 1, busy: 0 });
  });

  it("can be left, and says what is wrong", async () => {
    const db = connect(mysql({ ...where, maxSize: 1 }));
    for await (const [seq] of db.stream(all, [])) if (Number(seq) === 3) break;
    expect(await one(db, "SELECT 7")).toBe(7);
    await expect(async () => {
      for await (const _ of db.stream("SELECT nothing", []));
    }).rejects.toMatchObject({ name: "OperationalError" });
    expect(counts(db)).toMatchObject({ busy: 0 });
  });

  it("gives way to other statements of its transaction", async () => {
    const db = connect(mysql({ ...where, maxSize: 1 }));
    await inTransaction(
      async (tx) => {
        let seen = 0;
        for await (const _ of tx.stream(all, [])) {
          seen++;
          if (seen % 1000 === 0) await tx.executeQuery("SELECT 1");
        }
        expect(seen).toBe(5000);
        for await (const _ of tx.stream(all, [])) break;
        expect((await tx.run("SELECT 8", [])).rows).toEqual([[8]]);
      },
      { connection: db },
    );
  });
});

describe("the database itself", () => {
  afterAll(async () => {
    const db = connect(mysql({ ...where, database: `${where.database}_new` }));
    await db.dbDelete();
  });

  it("is made and dropped", async () => {
    const db = connect(mysql({ ...where, database: `${where.database}_new` }));
    await db.createConnection({ withDb: false });
    await expect(db.createConnection()).rejects.toThrow(/Unknown database/);
    await db.dbCreate();
    await db.dbCreate();
    await db.createConnection();
    expect(await one(db, "SELECT DATABASE()")).toBe(`${where.database}_new`);
    await db.dbDelete();
    await expect(db.executeQuery("SELECT 1")).rejects.toThrow(/Unknown database/);
  });

  it("is made by init on request", async () => {
    const orm = await Terrapin.context({
      connections: { default: mysql({ ...where, database: `${where.database}_new` }) },
      models: {},
      createDb: true,
    });
    expect(await orm.connections.get("default").executeQueryDict("SELECT 1 AS a")).toEqual([{ a: 1 }]);
    await orm.closeConnections();
  });
});

describe("prepared statements", () => {
  const status = async (db: Connection, name: string): Promise<number> =>
    Number((await db.executeQueryDict(`SHOW SESSION STATUS LIKE '${name}'`))[0]!["Value"]);

  it("are prepared once for each connection, and let go when there are too many", async () => {
    const db = connect(mysql({ ...where, maxSize: 1, statementCacheSize: 10 }));
    await db.run("SELECT 1 AS a", []);
    const before = await status(db, "Com_stmt_prepare");
    for (let i = 0; i < 20; i++) await db.run("SELECT 1 AS a", []);
    // What asks is a statement too.
    expect((await status(db, "Com_stmt_prepare")) - before).toBe(0);
    for (let i = 0; i < 50; i++) await db.run(`SELECT ${i} AS b`, []);
    expect(await status(db, "Com_stmt_prepare")).toBeGreaterThanOrEqual(before + 50);
    expect((await status(db, "Com_stmt_close")) + 10).toBeGreaterThanOrEqual(50);
  });
});

describe("a lock by name", () => {
  it("is held by one at a time", async () => {
    const driver = mysql({ ...where, acquireTimeout: 1000 });
    const db = connect(driver);
    const free = await driver.lock!("mine");
    await expect(driver.lock!("mine")).rejects.toMatchObject({ code: "locked" });
    await free();
    await (await driver.lock!("mine"))();
    expect(counts(db)).toMatchObject({ busy: 0 });
  });
});

describe("prepared statements", () => {
  it("are prepared again when there was no room to keep them", async () => {
    const connection = connect(mysql({ ...where, maxSize: 1, statementCacheSize: 2 }));
    for (const _ of [1, 2, 3])
      for (let i = 0; i < 6; i++) expect((await connection.run(`SELECT ${i} + ?`, [1])).rows).toEqual([[i + 1]]);
  });
});
