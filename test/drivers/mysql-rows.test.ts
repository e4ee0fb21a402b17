import { mysql, type MysqlOptions } from "terrapin/mysql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Connection } from "../../core/connection/connection.js";
import { rowParser, sameColumns, type Column } from "../../drivers/mysql/rows.js";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();
const { hostname: host, port, username: user, password, pathname } = new URL(url);
const connect = (options: MysqlOptions): Connection =>
  new Connection(
    "default",
    mysql({ host, port: Number(port), user, password, database: pathname.slice(1), ...options }),
  );
const prepared = connect({});
const asText = connect({ prepared: false });
afterAll(async () => {
  await prepared.close();
  await asText.close();
});

const SQL = "SELECT * FROM everything ORDER BY id";

beforeAll(async () => {
  await prepared.executeScript(`
    CREATE TABLE everything (
      id INT PRIMARY KEY, tiny TINYINT, utiny TINYINT UNSIGNED, small SMALLINT, usmall SMALLINT UNSIGNED,
      medium MEDIUMINT, umedium MEDIUMINT UNSIGNED, normal INT, unormal INT UNSIGNED, big BIGINT, ubig BIGINT UNSIGNED,
      flag BOOLEAN, single_number FLOAT, double_number DOUBLE, money DECIMAL(20,6), y YEAR,
      d DATE, t0 TIME, t3 TIME(3), t6 TIME(6), dt0 DATETIME, dt1 DATETIME(1), dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP(3) NULL,
      c CHAR(5), vc VARCHAR(20), tx LONGTEXT, b BINARY(3), vb VARBINARY(9), bl LONGBLOB,
      e ENUM('a', 'b'), s SET('x', 'y'), doc JSON, bits BIT(12))`);
  const least = `-128, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, FALSE, -1.5, -1e300, -12345678901234.123456,
    1901, '0001-01-01', '-838:59:59', '-838:59:58.999', '-00:00:00.000001', '0001-01-01 00:00:00', '0001-01-01 00:00:00.1',
    '1000-01-01 00:00:00.001', '1000-01-01 00:00:00.000001', '1970-01-02 00:00:00', '', '', '', x'000000', x'', x'', 'a', '', '{}', b'0'`;
  const most = `127, 255, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, TRUE, 1.5, 1e300,
    12345678901234.123456, 2155, '9999-12-31', '838:59:59', '101:00:00.5', '23:59:59.999999', '9999-12-31 23:59:59', '9999-12-31 23:59:59.9',
    '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999999', '2037-12-31 23:59:59.999', 'zz𝄞', 'ünï', '${"𝄞".repeat(300)}', x'0102ff', x'00ff00', REPEAT(x'00ff', 40000),
    'b', 'x,y', '{"n": 9007199254740993}', b'101010101010'`;
  await prepared.executeScript(`
    INSERT INTO everything VALUES (1, ${least});
    INSERT INTO everything VALUES (2, ${most});
    INSERT INTO everything (id) VALUES (3);
    INSERT INTO everything (id, big, dt3, t3, d) VALUES (4, 9007199254740991, '2024-02-29 12:00:00', '00:00:00', '2024-02-29'),
      (5, 9007199254740993, '2024-02-29 00:00:00.010', '12:00:00', NULL)`);
});

describe("the rows of prepared statements", () => {
  it("are those of statements as text, whatever their columns hold", async () => {
    const [, texts] = await asText.executeQuery(SQL);
    for (let i = 0; i < 3; i++) {
      const [, rows] = await prepared.executeQuery(SQL);
      expect(rows).toEqual(texts);
    }
    expect(texts).toHaveLength(5);
    expect(texts[1]).toMatchObject({ big: 9223372036854775807n, dt3: "9999-12-31 23:59:59.999", t3: "101:00:00.500" });
    expect(texts[2]).toMatchObject({ tiny: null, bits: null, doc: null });
    expect(texts[3]).toMatchObject({ big: 9007199254740991, dt3: "2024-02-29 12:00:00.000", t3: "00:00:00.000" });
  });

  it("are read anew when the table has changed", async () => {
    const sql = "SELECT * FROM changing";
    await prepared.executeScript(
      "CREATE TABLE changing (a INT, b DATETIME(3)); INSERT INTO changing VALUES (1, '2024-01-02 03:04:05.678')",
    );
    expect((await prepared.run(sql, [])).rows).toEqual([[1, "2024-01-02 03:04:05.678"]]);
    await prepared.executeScript("ALTER TABLE changing MODIFY a VARCHAR(9), ADD c DATE FIRST");
    expect((await prepared.run(sql, [])).rows).toEqual([[null, "1", "2024-01-02 03:04:05.678"]]);
    await prepared.executeScript("ALTER TABLE changing DROP b");
    expect((await prepared.run(sql, [])).rows).toEqual([[null, "1"]]);
  });

  it("may have more columns than one byte has bits", async () => {
    const columns = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? "NULL" : String(i)));
    const { rows } = await prepared.run(`SELECT ${columns.join(", ")}`, []);
    expect(rows).toEqual([columns.map((text) => (text === "NULL" ? null : Number(text)))]);
  });

  it("are left to the client where a column is of another kind", async () => {
    const { rows } = await prepared.run("SELECT ST_GeomFromText('POINT(1 2)'), 7", []);
    expect(rows).toEqual([[{ x: 1, y: 2 }, 7]]);
    const point: Column = { columnType: 255, characterSet: 63, encoding: "binary", flags: 0, decimals: 0 };
    expect(rowParser([point])).toBeNull();
    expect(sameColumns([point], [{ ...point, flags: 32 }])).toBe(false);
    expect(sameColumns([point], [])).toBe(false);
  });
});
