import { LimitError } from "../../base/errors.js";
import { getDefaultContext } from "../../connection/context.js";
import * as fields from "../../model/kinds.js";
import { Model, ModelBase } from "../../model/model.js";
import { Concat as typedConcat } from "../../computed/functions/text.js";
import { Value as typedValue } from "../../computed/functions/value.js";
import { Q as typedQ } from "../../query/q.js";
import { batch as typedBatch } from "../../queryset/batch.js";
import { except as typedExcept, intersect as typedIntersect, union as typedUnion } from "../../queryset/combined.js";
import { createSchema } from "../../schema/create.js";
import { linkModels } from "../../schema/link.js";
import type { ModelLike } from "../../schema/meta.js";
import { Registry } from "../../schema/registry.js";
import { equal, fails } from "./assert.js";
import type { ConformanceCase, Kit } from "./case.js";
import type { KinTable, Relative } from "./family.js";

type Combine = (
  ...queries: unknown[]
) => PromiseLike<unknown[]> & { orderBy(...names: string[]): PromiseLike<unknown[]> };
const [union, intersect, except] = [typedUnion, typedIntersect, typedExcept] as unknown as readonly [
  Combine,
  Combine,
  Combine,
];
const batch = typedBatch as unknown as (items: readonly unknown[]) => PromiseLike<unknown[]>;
const Q = typedQ as unknown as ((where: object) => object) & Record<"or" | "and", (...parts: object[]) => object>;

const [Concat, Value] = [typedConcat, typedValue] as unknown as readonly [
  (...items: object[]) => object,
  (value: string) => object,
];

interface Annotated {
  annotate(values: object): { values(name: string): PromiseLike<unknown[]> };
}

const MANY = 5000;

const oneRequest = async (t: Kit, work: () => unknown): Promise<void> => {
  const requests = await t.requests(work);
  if (t.db.together) equal(requests, 1, "the number of requests");
};

/** Programs larger than some platforms take at once. */
export const limits: readonly ConformanceCase[] = [
  {
    name: "5,000 rows are inserted, upserted and updated",
    run: async (t) => {
      const rows = Array.from(
        { length: MANY },
        (_, i) => new t.Person({ name: `n${i} 😀'"`, age: i % 90, score: "1.25", extra: { i } }),
      );
      await oneRequest(t, () => t.Person.bulkCreate(rows));
      equal([await t.Person.count(), rows[MANY - 1]!.pk], [MANY, (rows[0]!.pk as number) + MANY - 1]);
      equal({ ...(await t.Person.get({ pk: rows[1234]!.pk })) }, { ...rows[1234]! });
      const again = rows.map(({ name }, i) => new t.Person({ name, age: i }));
      await oneRequest(t, () => t.Person.bulkCreate(again, { updateFields: ["age"], onConflict: ["name"] }));
      equal([await t.Person.count(), again[4321]!.pk], [MANY, rows[4321]!.pk]);
      equal(await t.Person.filter({ age__gte: 4990 }).count(), 10);
      rows.forEach((row, i) => {
        row.age = i % 2 === 0 ? null : -i;
        row.note = `note ${i}`;
      });
      await oneRequest(t, async () => equal(await t.Person.bulkUpdate(rows, ["age", "note"]), MANY));
      equal(await t.Person.get({ pk: rows[777]!.pk }).values("age", "note", "score"), {
        age: -777,
        note: "note 777",
        score: "1.25",
      });
      equal(await t.Person.filter({ age: null }).count(), MANY / 2);
    },
  },
  {
    name: "floats, bytes and integers of every size go in bulk and come out unchanged",
    run: async (t) => {
      const floats = [0.1, -0, 1e-60, 1e60, Number.MAX_VALUE, Number.MIN_VALUE, 5e-324, -1.5e300, 2 ** 53, 1 / 3, null];
      const rows = floats.map(
        (float, i) =>
          new t.Sample({
            float,
            binary: i % 2 === 0 ? new Uint8Array([0, 255, i]) : null,
            big: i === 3 ? 2n ** 63n - 1n : -(2n ** 63n),
            bigInt: Number.MAX_SAFE_INTEGER - i,
            wide: "123456789012.345678",
            amount: 0.125,
            text: '"\\\u2028',
            boolean: i % 2 === 0,
          }),
      );
      await t.Sample.bulkCreate(rows);
      const read = (): Promise<unknown[]> => Promise.resolve(t.Sample.orderBy("id"));
      for (const [i, row] of (await read()).entries()) equal({ ...(row as object) }, { ...rows[i]! }, `row ${i}`);
      for (const row of rows) row.float = row.float === null ? 1e-300 : -(row.float as number);
      await t.Sample.bulkUpdate(rows, ["float", "binary", "big"]);
      for (const [i, row] of (await read()).entries()) equal({ ...(row as object) }, { ...rows[i]! }, `row ${i}`);
    },
  },
  {
    name: "70,000 keys in a list find what they name, also row by row",
    run: async (t) => {
      const [one] = await t.Person.bulkCreate([1, 2, 3].map((i) => new t.Person({ name: `n${i}`, age: i })));
      const keys = Array.from({ length: 70_000 }, (_, i) => (one!.pk as number) + i * 2);
      equal(await t.Person.filter({ id__in: keys }).count(), 2);
      equal(
        await t.Person.filter({ name__in: keys.map((key) => `'${key}`).concat("n2") }).valuesList("age", {
          flat: true,
        }),
        [2],
      );
      const ages: unknown[] = [];
      for await (const { age } of t.Person.filter({ id__in: keys }).orderBy("id")) ages.push(age);
      equal(ages, [1, 3]);
      equal(await t.Person.filter({ id__not_in: keys }).update({ age: 9 }), 1);
    },
  },
  {
    name: "50,000 keys in a list, 400 conditions in an OR, 300 in an AND",
    run: async (t) => {
      const [one] = await t.Person.bulkCreate([1, 2, 3].map((i) => new t.Person({ name: `n${i}`, age: i })));
      const keys = Array.from({ length: 50_000 }, (_, i) => (one!.pk as number) + i * 2);
      equal(await t.Person.filter({ id__in: keys }).count(), 2);
      equal(await t.Person.filter({ id__not_in: keys }).count(), 1);
      const names = Array.from({ length: 400 }, (_, i) => Q({ name: `n${i * 3}`, age__lt: 99 }));
      equal(await t.Person.filter(Q.or(...names)).valuesList("name", { flat: true }), ["n3"]);
      equal(await t.Person.exclude(Q.or(...names)).count(), 2);
      const all = Array.from({ length: 300 }, (_, i) => Q({ age__not: i + 3 }));
      equal(await t.Person.filter(Q.and(...all)).update({ note: "small" }), 2);
      equal(await t.Person.filter(Q.or(...names)).delete(), 1);
      equal(await t.Person.filter({ note: "small" }).exists(), true);
      let nested = Q({ note: "small" });
      for (let i = 0; i < 96; i++)
        nested = i % 2 === 0 ? Q.or(nested, Q({ age: -i })) : Q.and(nested, Q({ age__not: i + 100 }));
      equal(await t.Person.filter(nested).count(), 2);
    },
  },
  {
    name: "a dozen queries are put together, and long texts are looked for",
    run: async (t) => {
      await t.Person.bulkCreate(Array.from({ length: 24 }, (_, i) => new t.Person({ name: `n${i}`, age: i })));
      const upTo = Array.from({ length: 12 }, (_, i) => t.Person.filter({ age__lt: i + 13 }).valuesList("age"));
      const each = Array.from({ length: 12 }, (_, i) => t.Person.filter({ age: i }).valuesList("age"));
      equal((await union(...each)).length, 12);
      equal((await union(...each, ...each, { all: true })).length, 24);
      equal((await intersect(...upTo)).length, 13);
      equal((await except(t.Person.all().valuesList("age"), ...each)).length, 12);
      equal((await union(...each).orderBy("-age"))[0], [11]);
      const long = "sea ".repeat(40);
      await t.Person.create({ name: "long", note: `the ${long}.` });
      for (const lookup of ["contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"]) {
        const part = lookup.includes("starts") ? `the ${long}` : lookup.includes("ends") ? `${long}.` : long;
        equal(await t.Person.filter({ [`note__${lookup}`]: part }).count(), 1, lookup);
      }
      const letters = Array.from({ length: 400 }, (_, i) => Value("abc"[i % 3]!));
      const named = (t.Person.filter({ name: "long" }) as unknown as Annotated).annotate({ word: Concat(...letters) });
      equal(await named.values("word"), [{ word: `${"abc".repeat(133)}a` }]);
    },
  },
  {
    name: "rows may have more columns than a result",
    run: async (t) => {
      const { Near, Far } = await wide(t);
      const [a, b] = (await Far.bulkCreate([1, 2].map((v) => new Far(values("f", v))))) as Relative[];
      const end = await Far.create(values("f", 9, { next: a }));
      const rows = [
        await Near.create(values("n", 1, { left: a, right: b })),
        await Near.create(values("n", 2, { left: end, right: null })),
      ];
      const asked = Near.orderBy("-n0").limit(5).selectRelated("left", "right", "left__next");
      let read: Relative[] = [];
      await oneRequest(t, async () => (read = (await asked) as unknown as Relative[]));
      equal(
        read.map(({ pk, n39, left, right }) => [
          pk,
          n39,
          (left as Relative).f39,
          (right as Relative | null)?.f39 ?? null,
        ]),
        [
          [rows[1]!.pk, 2, 9, null],
          [rows[0]!.pk, 1, 1, 2],
        ],
      );
      equal(((read[0]!.left as Relative).next as Relative).f1, 1);
      const one = (await Near.get({ n0: 1 }).selectRelated("left", "right")) as Relative;
      equal([(one.left as Relative).pk, (one.right as Relative).pk], [a!.pk, b!.pk]);
      const few = (await Near.filter({ n0: 1 })
        .only("n0", "left__f0", "right__f1")
        .selectRelated("left", "right")) as unknown as Relative[];
      equal([(few[0]!.left as Relative).f0, (few[0]!.right as Relative).f1], [1, 2]);
      await oneRequest(t, async () => {
        const [first] = (await Near.orderBy("n0")
          .limit(1)
          .selectRelated("left", "right")
          .prefetchRelated("left__nears")) as unknown as Relative[];
        equal(((first!.left as Relative).nears as unknown as Relative[]).length, 1);
      });
    },
  },
  {
    name: "what is too large however it is written is refused by the limit's name, before anything is sent",
    run: async (t) => {
      const { limits: known } = t.db.dialect;
      if (known === undefined) return;
      let deep = Q({ age: 1 });
      for (let i = 0; i < known.maxDepth; i++)
        deep = i % 2 === 0 ? Q.or(deep, Q({ age: i })) : Q.and(deep, Q({ age: i }));
      const most = t.db.limits.maxValueBytes ?? Infinity;
      const manyTerms = Array.from({ length: known.maxColumns + 1 }, (_, i) => (i % 2 === 0 ? "name" : "-age"));
      const wrong: [work: () => unknown, message: RegExp][] = [
        [() => t.Person.orderBy(...manyTerms), /orders .*maxColumns/],
        [() => t.Person.filter(deep), /maxDepth/],
        [
          () => t.db.run(`SELECT ${"?, ".repeat(known.maxParams)}1, ?`, new Array(known.maxParams + 1).fill(1)),
          /maxParams/,
        ],
        [() => t.Person.create({ name: "x", note: "€".repeat(most / 3 + 1) }), /maxValueBytes/],
        [() => t.Person.filter({ name: "x".repeat(most + 1) }), /maxValueBytes/],
        [() => t.db.run("SELECT ?", [new Uint8Array(most + 1)]), /maxValueBytes/],
        [() => t.Person.filter({ name__in: ["x".repeat(most)] }), /maxValueBytes/],
        [() => t.db.run(`SELECT 1 /* ${"x".repeat(known.maxSqlBytes)} */`, []), /maxSqlBytes/],
      ];
      const { maxStatementsPerRequest } = t.db.limits;
      if (Number.isFinite(maxStatementsPerRequest))
        wrong.push([
          () =>
            batch(Array.from({ length: maxStatementsPerRequest + 1 }, (_, i) => t.Person.filter({ age: i }).count())),
          /maxStatementsPerRequest/,
        ]);
      for (const [work, message] of wrong) equal(await t.statements(() => fails(work, LimitError, { message })), []);
    },
  },
];

const WIDTH = 40;

const values = (letter: string, value: number, more: object = {}): object => ({
  ...Object.fromEntries(Array.from({ length: WIDTH }, (_, i) => [`${letter}${i}`, value])),
  ...more,
});

/** Two models of many columns each. */
async function wide(t: Kit): Promise<Readonly<Record<"Near" | "Far", KinTable>>> {
  const own = (letter: string): object =>
    Object.fromEntries(Array.from({ length: WIDTH }, (_, i) => [`${letter}${i}`, fields.int()]));
  const define = (columns: object, table: string): ModelLike =>
    (Model as unknown as { define(columns: object, options: object): ModelLike }).define(columns, { table });
  const toFar = (name: string): object =>
    (fields.foreignKey as unknown as (target: string, options: object) => object)("Far", {
      null: true,
      relatedName: name,
    });
  const models = {
    Far: define({ id: fields.int({ primaryKey: true }), ...own("f"), next: toFar("previous") }, "limits_far"),
    Near: define(
      { id: fields.int({ primaryKey: true }), ...own("n"), left: toFar("nears"), right: toFar("others") },
      "limits_near",
    ),
  };
  const registry = new Registry();
  const metas = Object.entries(models).map(([name, model]) =>
    registry.add(model, { name, app: "limits", tableName: null, objects: ModelBase.objectsOf }, "default"),
  );
  linkModels(registry);
  for (const meta of metas) getDefaultContext()!.bind(meta, "default");
  for (const table of ["limits_near", "limits_far"]) await t.db.run(`DROP TABLE IF EXISTS ${table}`, []);
  for (const sql of createSchema(metas, t.db.dialect, { safe: false })) await t.db.run(sql, []);
  return models as never;
}
