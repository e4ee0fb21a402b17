import { fields, FullTextIndex, JsonNull, Model, Terrapin } from "terrapin";
import { describe, expect, it } from "vitest";
import { mock } from "../../core/testing/mock.js";
import { mysqlDialect } from "../../drivers/mysql/dialect.js";
import { loose } from "../support/loose.js";

class Paper extends Model.define(
  { id: fields.int({ primaryKey: true }), doc: fields.json({ null: true }), text: fields.text() },
  { indexes: [FullTextIndex({ fields: ["text"], tokenizer: "ngram" })] },
) {}

const dialect = mysqlDialect;

async function whereOf(where: object): Promise<[string, readonly unknown[]]> {
  const driver = mock({ dialect });
  const orm = await Terrapin.context({ connections: { default: driver }, models: { Paper } });
  await orm.run(() => loose(Paper).filter(where));
  const [{ sql, params }] = driver.statements as [{ sql: string; params: readonly unknown[] }];
  return [sql.slice(sql.indexOf("WHERE ") + 6), params];
}

/** What MariaDB reads in addition. */
const normal = (text: string): string => `/*M!100700 JSON_NORMALIZE( */${text}/*M!100700 ) */`;

const TYPES = "('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')";

describe("on MySQL", () => {
  it.each<[object, string, unknown[]]>([
    [{ doc: { a: 1 } }, `(${normal("`doc`")} = ${normal("JSON_EXTRACT(?, '$')")})`, ['{"a":1}']],
    [{ doc__not: [] }, `((${normal("`doc`")} = ${normal("JSON_EXTRACT(?, '$')")})) IS NOT TRUE`, ["[]"]],
    [{ doc: 5 }, `CASE WHEN JSON_TYPE(\`doc\`) IN ${TYPES} THEN \`doc\` + 0e0 END = ?`, [5]],
    [{ doc: true }, "(JSON_TYPE(`doc`) = 'BOOLEAN' AND JSON_UNQUOTE(`doc`) = 'true')", []],
    [{ doc: JsonNull }, "JSON_TYPE(`doc`) = 'NULL'", []],
    [{ doc__contains: { a: [1] } }, "JSON_CONTAINS(`doc`, ?)", ['{"a":[1]}']],
    [{ doc__contained_by: { a: [1] } }, "JSON_CONTAINS(?, `doc`)", ['{"a":[1]}']],
    [{ doc__has_key: 'a"b\\' }, "JSON_CONTAINS_PATH(`doc`, 'one', ?)", ['$."a\\"b\\\\"']],
    [{ doc__length: 2 }, "JSON_LENGTH(`doc`) = ?", [2]],
    [
      { doc__filter: { a__b: "x" } },
      "CASE WHEN JSON_TYPE(JSON_EXTRACT(`doc`, ?)) = 'STRING' THEN JSON_UNQUOTE(JSON_EXTRACT(`doc`, ?)) END = ?",
      ['$."a"."b"', '$."a"."b"', "x"],
    ],
    [
      { doc__filter: { a__0__gte: 3 } },
      `CASE WHEN JSON_TYPE(JSON_EXTRACT(\`doc\`, ?)) = 'ARRAY' AND JSON_TYPE(JSON_EXTRACT(\`doc\`, ?)) IN ${TYPES} THEN JSON_EXTRACT(\`doc\`, ?) + 0e0 END >= ?`,
      ['$."a"', '$."a"[0]', '$."a"[0]', 3],
    ],
    [
      { doc__filter: { "0__1__isnull": true } },
      "COALESCE(CASE WHEN JSON_TYPE(`doc`) = 'ARRAY' AND JSON_TYPE(JSON_EXTRACT(`doc`, ?)) = 'ARRAY' THEN JSON_TYPE(JSON_EXTRACT(`doc`, ?)) END, 'NULL') = 'NULL'",
      ["$[0]", "$[0][1]"],
    ],
    [
      { doc__filter: { a__in: [1, "x", null] } },
      "((JSON_TYPE(JSON_EXTRACT(`doc`, ?)) NOT IN ('ARRAY', 'OBJECT') AND JSON_CONTAINS(?, JSON_EXTRACT(`doc`, ?))) OR COALESCE(JSON_TYPE(JSON_EXTRACT(`doc`, ?)), 'NULL') = 'NULL')",
      ['$."a"', '[1,"x"]', '$."a"', '$."a"'],
    ],
    [{ text__posix_regex: "^a" }, "`text` REGEXP ?", ["(?-i)^a"]],
    [{ text__iposix_regex: "^a" }, "`text` REGEXP ?", ["(?i)^a"]],
    [
      { text__search: 'sea +"turtle" (x' },
      "MATCH (`text`) AGAINST (? IN BOOLEAN MODE)",
      ['+"sea" +"+" +"turtle" +"(x"'],
    ],
    [{ text__search: { raw: "+sea -turtle" } }, "MATCH (`text`) AGAINST (? IN BOOLEAN MODE)", ["+sea -turtle"]],
  ])("%o", async (where, sql, params) => {
    expect(await whereOf(where)).toEqual([sql, params]);
  });

  it("a full-text index is part of its table", async () => {
    const orm = await Terrapin.context({ connections: { default: mock({ dialect }) }, models: { Paper } });
    expect(orm.schemaSql()).toMatch(/,\n {2}FULLTEXT KEY `fts_paper_text_\w{6}` \(`text`\) WITH PARSER `ngram`\n\) /);
  });
});
