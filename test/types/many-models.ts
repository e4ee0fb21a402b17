const kinds = [
  "fields.text({ null: true })",
  "fields.int()",
  "fields.int({ null: true })",
  "fields.char({ maxLength: 20 })",
  "fields.datetime({ autoNowAdd: true })",
  "fields.boolean({ default: true })",
  "fields.decimal({ maxDigits: 10, decimalPlaces: 2 })",
];
const ends = ["", `.values("id", "c0", "c1")`, `.only("c0", "c1")`];

/**
 * A program of many models and queries, to see what the compiler pays for it. The kinds of field repeat over the
 * columns, so that c0 is text and c1 an integer; a third of the queries each takes whole rows, three values, and part
 * of the rows.
 */
export function manyModels(models: number, columns: number, queries: number): string {
  const lines = [`import { fields, Model } from "terrapin";`];
  for (let index = 0; index < models; index++) {
    const defined = Array.from({ length: columns - 1 }, (_, column) => `c${column}: ${kinds[column % kinds.length]}`);
    lines.push(
      `class T${index} extends Model.define({ id: fields.int({ primaryKey: true }), ${defined.join(", ")} }) {}`,
    );
  }
  for (let index = 0; index < queries; index++) {
    lines.push(`export async function q${index}() {
  const rows = await T${index % models}.filter({ c0: "x", c1__gt: 1 }).orderBy("-c1").limit(5)${ends[Math.floor((index * ends.length) / queries)]};
  return rows.map((row) => [row.c0, row.c1] as const);
}`);
  }
  return lines.join("\n");
}

/**
 * The same in a ring of relations: each model refers to the next one. Each query filters over a relation and loads two levels,
 * which are read.
 */
export function manyRelatedModels(models: number, columns: number, queries: number): string {
  const kinds = ["fields.text({ null: true })", "fields.int()", "fields.int({ null: true })"];
  const lines = [`import { fields, Model, type ReverseRelation } from "terrapin";`];
  for (let index = 0; index < models; index++) {
    const next = `T${(index + 1) % models}`;
    const defined = Array.from({ length: columns - 2 }, (_, column) => `c${column}: ${kinds[column % kinds.length]}`);
    lines.push(
      `class T${index} extends Model.define({ id: fields.int({ primaryKey: true }), parent: fields.foreignKey<${next}>("${next}", { relatedName: "children" }), ${defined.join(", ")} }) { declare children: ReverseRelation<T${(index + models - 1) % models}>; }`,
    );
  }
  for (let index = 0; index < queries; index++) {
    lines.push(`export async function q${index}() {
  const rows = await T${index % models}.filter({ c0: "x", parent__c1__gt: 1 }).prefetchRelated("parent__parent", "children").limit(5);
  return rows.map((row) => [row.c0, row.parent.parent.c1, [...row.children].map((child) => child.c2)] as const);
}`);
  }
  return lines.join("\n");
}

/**
 * The same ring, asked for computed values: a third of the queries each counts related rows of every object, groups, and
 * calculates with functions.
 */
export function manyAnnotatedModels(models: number, columns: number, queries: number): string {
  const asked = [
    `filter({ c0: "x" }).annotate({ n: Count("children"), most: Max("children__c1") }).filter({ n__gt: 3 }).orderBy("-n")`,
    `filter({ c0: "x" }).groupBy("parentId").annotate({ n: Count("id"), most: Sum("c1") }).filter({ n__gt: 3 }).values("parentId", "n", "most")`,
    `filter({ c0: "x" }).annotate({ n: F("c1").plus(1), most: Coalesce("c2", Value(0)) }).values("id", "n", "most")`,
  ];
  const lines = [
    `import { Coalesce, Count, F, Max, Sum, Value } from "terrapin";`,
    manyRelatedModels(models, columns, 0),
  ];
  for (let index = 0; index < queries; index++) {
    lines.push(`export async function q${index}() {
  const rows = await T${index % models}.${asked[Math.floor((index * asked.length) / queries)]};
  return rows.map((row) => [row.n.toFixed(), row.most] as const);
}`);
  }
  return lines.join("\n");
}
