import { fields, Index, FullTextIndex, Model, SpatialIndex, Terrapin, type ReverseRelation } from "terrapin";
import { mysql } from "terrapin/mysql";
import { sqlite } from "terrapin/sqlite";
import { describe, expect, it } from "vitest";
import type { TableDescription } from "../../core/connection/introspection.js";
import { parseDbUrl } from "../../core/connection/db-url.js";
import type { Driver } from "../../core/connection/driver.js";
import { mock } from "../../core/testing/mock.js";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { mysqlDialect } from "../../drivers/mysql/dialect.js";
import { introspectMysql } from "../../drivers/mysql/introspect.js";
import { mysqlDatabase } from "../support/databases.js";
import { loose, type Loose } from "../support/loose.js";
import { refusal } from "../support/mysql8.js";

const options = mysqlOptions(parseDbUrl(await mysqlDatabase()).credentials);
const define = (columns: object, meta: object = {}): Loose => loose(Model).define(columns, meta);

/** What makes the tables of some models. */
async function schemaOf(models: object): Promise<string> {
  const orm = await Terrapin.context({
    connections: { default: mock({ dialect: mysqlDialect }) },
    models: loose(models),
  });
  return orm.schemaSql({ safe: false });
}

/** The tables of some models, made and described by a database. */
async function described(driver: Driver, models: object, times = 1): Promise<TableDescription[]> {
  const orm = await Terrapin.context({ connections: { default: driver }, models: loose(models) });
  try {
    for (let i = 0; i < times; i++) await orm.generateSchemas();
    return await orm.connections.get("default").introspect();
  } finally {
    await orm.closeConnections();
  }
}

describe("a table of MySQL", () => {
  it("has a column of the right type for every kind of field", async () => {
    const Kinds = define({
      id: fields.bigInt({ primaryKey: true }),
      small: fields.smallInt(),
      int: fields.int({ index: true }),
      exact: fields.bigInt({ mode: "bigint", null: true }),
      float: fields.float(),
      price: fields.decimal({ maxDigits: 30, decimalPlaces: 2 }),
      char: fields.char({ maxLength: 5, unique: true, description: "it's a \\ comment" }),
      folded: fields.char({ maxLength: 9, collation: { mysql: "utf8mb4_unicode_ci" } }),
      text: fields.text({ dbDefault: "it's" }),
      flag: fields.boolean({ dbDefault: true }),
      day: fields.date({ dbDefault: "now" }),
      at: fields.datetime({ dbDefault: "now" }),
      micro: fields.datetime({ precision: 6, dbDefault: "now" }),
      clock: fields.time({ dbDefault: "now" }),
      span: fields.timeDelta(),
      key: fields.uuid(),
      short: fields.uuid({ storage: "binary" }),
      data: fields.json({ null: true }),
      bytes: fields.binary(),
      place: fields.geometry(),
      level: fields.intEnum([1, 2]),
      state: fields.charEnum(["open", "shut"]),
    });
    const sql = await schemaOf({ Kinds });
    expect(sql).toBe(`CREATE TABLE \`kinds\` (
  \`id\` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  \`small\` SMALLINT NOT NULL,
  \`int\` INT NOT NULL,
  \`exact\` BIGINT,
  \`float\` DOUBLE NOT NULL,
  \`price\` DECIMAL(30,2) NOT NULL,
  \`char\` VARCHAR(5) NOT NULL UNIQUE COMMENT 'it''s a \\\\ comment',
  \`folded\` VARCHAR(9) COLLATE utf8mb4_unicode_ci NOT NULL,
  \`text\` LONGTEXT NOT NULL DEFAULT ('it''s'),
  \`flag\` TINYINT(1) NOT NULL DEFAULT 1,
  \`day\` DATE NOT NULL DEFAULT (UTC_DATE()),
  \`at\` DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
  \`micro\` DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
  \`clock\` TIME(6) NOT NULL DEFAULT (UTC_TIME(6)),
  \`span\` BIGINT NOT NULL,
  \`key\` CHAR(36) NOT NULL,
  \`short\` BINARY(16) NOT NULL,
  \`data\` JSON,
  \`bytes\` LONGBLOB NOT NULL,
  \`place\` GEOMETRY NOT NULL,
  \`level\` SMALLINT NOT NULL,
  \`state\` VARCHAR(4) NOT NULL,
  KEY \`idx_kinds_int_c4ae70\` (\`int\`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;`);
    expect(refusal(sql)).toBeNull();
    const [table] = await described(mysql(options), { Kinds });
    expect(table!.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "id bigint",
      "small smallint",
      "int int",
      "exact bigint",
      "float double",
      "price decimal(30,2)",
      "char varchar(5)",
      "folded varchar(9)",
      "text longtext",
      "flag tinyint(1)",
      "day date",
      "at datetime(3)",
      "micro datetime(6)",
      "clock time(6)",
      "span bigint",
      "key char(36)",
      "short binary(16)",
      "data json",
      "bytes longblob",
      "place geometry",
      "level smallint",
      "state varchar(4)",
    ]);
    expect(table!.columns[6]!.comment).toBe("it's a \\ comment");
  });

  it("has its indexes and rules inside, and its comment behind", async () => {
    const Page = define(
      { id: fields.int({ primaryKey: true }), a: fields.int(), b: fields.int(), text: fields.text() },
      {
        uniqueTogether: [["a", "b"]],
        indexes: [["b", "a"], FullTextIndex({ fields: ["text"] })],
        constraints: [{ name: "a_first", check: "a <= b" }],
        description: "pages",
      },
    );
    expect(await schemaOf({ Page })).toMatch(
      /CONSTRAINT `uid_page_a_\w{6}` UNIQUE \(`a`, `b`\),\n {2}CONSTRAINT `a_first` CHECK \(a <= b\),\n {2}KEY `idx_page_b_\w{6}` \(`b`, `a`\),\n {2}FULLTEXT KEY `fts_page_text_\w{6}` \(`text`\)\n\) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT 'pages';$/,
    );
  });

  it("has spatial indexes over shapes that are never null, and takes shapes that SQL makes", async () => {
    const members = {
      id: fields.int({ primaryKey: true }),
      place: fields.geometry(),
      spot: fields.geometry({ null: true }),
    };
    class Place extends Model.define(members, {
      table: "place",
      indexes: [SpatialIndex({ fields: ["place"] }), SpatialIndex({ fields: ["place"], name: "again" })],
    }) {}
    const sql = await schemaOf({ Place });
    expect(sql).toMatch(
      /,\n {2}SPATIAL KEY `idx_place_place_\w{6}` \(`place`\),\n {2}SPATIAL KEY `again` \(`place`\)\n\) /,
    );
    expect(refusal(sql)).toBeNull();
    for (const indexed of ["spot", "id"] as const)
      await expect(
        schemaOf({ Wrong: define(members, { indexes: [SpatialIndex({ fields: [indexed] })] }) }),
      ).rejects.toMatchObject({ code: "spatial_field" });
    const orm = await Terrapin.context({ connections: { default: mysql(options) }, models: { Place } });
    await orm.generateSchemas();
    await orm.run(async () => {
      const client = orm.connections.get("default");
      await client.executeQuery("INSERT INTO place (id, place) VALUES (1, ST_GeomFromText('POINT(1.5 -2)'))");
      const [one] = await Place.all();
      expect(Buffer.from(one!.place).toString("hex")).toBe("000000000101000000000000000000f83f00000000000000c0");
      await Place.create({ id: 2, place: one!.place, spot: one!.place });
      expect(
        await client.executeQueryDict(
          "SELECT id, ST_SRID(place) srid, ST_X(place) x, ST_Y(place) y FROM place WHERE MBRContains(ST_GeomFromText('POLYGON((0 -9,9 -9,9 9,0 9,0 -9))'), place) ORDER BY id",
        ),
      ).toEqual([1, 2].map((id) => ({ id, srid: 0, x: 1.5, y: -2 })));
      expect(await Place.filter({ spot__in: [one!.place] }).count()).toBe(1);
    });
    await orm.closeConnections();
  });

  it("is refused where the database could not do what it says", async () => {
    const Some = define(
      { id: fields.int({ primaryKey: true }), a: fields.int() },
      { indexes: [Index({ fields: ["a"], where: { a: 1 } })] },
    );
    await expect(schemaOf({ Some })).rejects.toMatchObject({ code: "no_partial_indexes" });
    const One = define({ id: fields.int({ primaryKey: true }) });
    const Two = define({
      id: fields.int({ primaryKey: true }),
      one: fields.foreignKey("One", { onDelete: "SET_DEFAULT", dbDefault: 1 }),
    });
    await expect(schemaOf({ One, Two })).rejects.toMatchObject({ code: "no_set_default" });
  });

  it("has a comment that is cut where it is too long", async () => {
    const Long = define({ id: fields.int({ primaryKey: true }), a: fields.int({ description: "é".repeat(3000) }) });
    const [, comment] = /COMMENT '(.*)'/.exec(await schemaOf({ Long }))!;
    expect([Array.from(comment!).length, comment!.at(-1)]).toEqual([1024, "…"]);
  });
});

class Author extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  name: fields.char({ maxLength: 50, unique: true }),
  best: fields.foreignKey<Book>("Book", { null: true, relatedName: "praisedBy", onDelete: "SET_NULL" }),
}) {
  declare books: ReverseRelation<Book>;
}
class Book extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    title: fields.char({ maxLength: 100 }),
    price: fields.decimal({ maxDigits: 8, decimalPlaces: 2, dbDefault: "1.50" }),
    author: fields.foreignKey<Author>("Author", { relatedName: "books" }),
    rank: fields.int({ null: true }),
    tags: fields.manyToMany<Tag>("Tag", { relatedName: "books" }),
  },
  { indexes: [["title", "price"]], uniqueTogether: [["author", "title"]] },
) {}
class Tag extends Model.define({ slug: fields.char({ maxLength: 20, primaryKey: true }) }) {}

/** What both families can tell, in one spelling; InnoDB's own indexes for foreign keys have the keys' names. */
const shared = (tables: readonly TableDescription[], names: readonly string[]): unknown =>
  tables
    .filter(({ name }) => names.includes(name))
    .map(({ name, columns, primaryKey, foreignKeys, indexes }) => ({
      name,
      columns: columns.map((column) => [column.name, column.null, column.generated, column.default !== null]),
      primaryKey,
      foreignKeys: foreignKeys
        .map((key) => JSON.stringify([key.columns, key.table, key.targets, key.onDelete]))
        .toSorted((one, other) => one.localeCompare(other)),
      indexes: indexes
        .filter((index) => !foreignKeys.some((key) => key.name === index.name))
        .map((index) => JSON.stringify([index.columns, index.unique]))
        .toSorted((one, other) => one.localeCompare(other)),
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));

describe("the same models", () => {
  it("have equivalent tables on both families, keys in a circle too, also when they are made twice", async () => {
    const models = { Author, Book, Tag };
    const names = ["author", "book", "tag", "book_tag"];
    const onSqlite = shared(await described(sqlite(":memory:"), models, 2), names);
    const onMysql = shared(await described(mysql(options), models, 2), names);
    expect(onMysql).toEqual(onSqlite);
    expect((onMysql as unknown[]).length).toBe(4);
  });
});

describe("MySQL's own words for a table", () => {
  it("are understood as MariaDB's are", async () => {
    const rows: Readonly<Record<string, unknown[][]>> = {
      VERSION: [["8.0.40"]],
      "information_schema.TABLES": [["t", "a table"]],
      "information_schema.COLUMNS": [
        ["t", "id", "bigint", "NO", null, "auto_increment", ""],
        ["t", "word", "varchar(20)", "NO", "it's", "", ""],
        ["t", "count", "int", "YES", "3", "", "how many"],
        ["t", "at", "datetime(3)", "NO", "utc_timestamp(3)", "DEFAULT_GENERATED", ""],
        ["t", "twice", "int", "YES", null, "VIRTUAL GENERATED", ""],
        ["t", "doc", "json", "YES", null, "", ""],
      ],
      "information_schema.STATISTICS": [
        ["t", "PRIMARY", "0", "id"],
        ["t", "rule", "0", "word"],
        ["t", "rule", "0", null],
      ],
      KEY_COLUMN_USAGE: [],
    };
    const runner = mock({ dialect: mysqlDialect });
    for (const [part, answer] of Object.entries(rows)) runner.answer(part, { rows: answer });
    expect(await introspectMysql(runner)).toEqual([
      {
        name: "t",
        schema: null,
        columns: [
          { name: "id", type: "bigint", null: false, default: null, primaryKey: true, generated: true, comment: null },
          {
            name: "word",
            type: "varchar(20)",
            null: false,
            default: "'it''s'",
            primaryKey: false,
            generated: false,
            comment: null,
          },
          {
            name: "count",
            type: "int",
            null: true,
            default: "3",
            primaryKey: false,
            generated: false,
            comment: "how many",
          },
          {
            name: "at",
            type: "datetime(3)",
            null: false,
            default: "utc_timestamp(3)",
            primaryKey: false,
            generated: false,
            comment: null,
          },
          { name: "twice", type: "int", null: true, default: null, primaryKey: false, generated: true, comment: null },
          { name: "doc", type: "json", null: true, default: null, primaryKey: false, generated: false, comment: null },
        ],
        primaryKey: ["id"],
        foreignKeys: [],
        indexes: [{ name: "rule", columns: ["word", null], unique: true, partial: false, constraint: true }],
        comment: "a table",
        sql: null,
      },
    ]);
  });
});
