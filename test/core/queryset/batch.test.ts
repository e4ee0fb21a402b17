import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  batch as typedBatch,
  context,
  fields,
  guard as typedGuard,
  init,
  Model,
  postSave,
  preSave,
  Q,
  union as typedUnion,
} from "terrapin";
import { closeConnections, generateSchemas } from "terrapin";
import type { Statement } from "terrapin";
import { batchOnly, type BatchOnly } from "../../support/batch-only.js";
import { loose, type Loose } from "../../support/loose.js";
import { Comment, Membership, Node, Post, Profile, Tag, Team, User } from "../../support/related-models.js";

const batch = loose(typedBatch) as (items: readonly unknown[]) => Promise<Loose[]>;
const guard = loose(typedGuard);
const [users, posts] = [loose(User), loose(Post)];

class Lone extends Model.define({ id: fields.int({ primaryKey: true }), text: fields.text() }) {}

let db: BatchOnly;
let stops: (() => void)[] = [];

beforeEach(async () => {
  db = batchOnly();
  await init({
    connections: { default: db },
    models: { User, Profile, Post, Comment, Tag, Node, Team, Membership },
  } as never);
  await generateSchemas();
  db.requests.length = 0;
});
afterEach(async () => {
  for (const stop of stops) stop();
  stops = [];
  await closeConnections();
});

/** The statements of the only request that the work sends. */
async function request(work: () => unknown): Promise<Statement[]> {
  db.requests.length = 0;
  await work();
  expect(db.requests.length).toBe(1);
  return db.requests[0]!;
}
const texts = (statements: readonly Statement[]): string[] => statements.map(({ sql }) => sql);

describe("a batch on a database that only batches", () => {
  it("refers to a row before by the highest key, which a statement behind its INSERT makes sure of", async () => {
    const ann = loose(new (loose(User))({ name: "ann" }));
    const sent = await request(() =>
      batch([
        ann.save(),
        posts.create({ author: ann, title: "a" }),
        users.create({ name: "bob" }),
        posts.create({ author: ann, title: "b" }),
      ]),
    );
    const check =
      'SELECT CASE WHEN last_insert_rowid() = (SELECT MAX("id") FROM "users") THEN 1 ELSE json_extract(\'{}\', ?) END';
    expect(texts(sent)).toEqual([
      'INSERT INTO "users" ("name", "nick") VALUES (?, ?)',
      check,
      'INSERT INTO "post" ("headline", "score", "author_id", "checked by") VALUES (?, ?, (SELECT MAX("id") FROM "users"), ?)',
      'INSERT INTO "users" ("name", "nick") VALUES (?, ?)',
      check,
      'INSERT INTO "post" ("headline", "score", "author_id", "checked by") VALUES (?, ?, ((SELECT MAX("id") FROM "users") - 1), ?)',
    ]);
  });

  it("fails where keys do not follow each other, and keeps nothing", async () => {
    await db.script!(
      "CREATE TRIGGER extra AFTER INSERT ON users WHEN NEW.name = 'ann' BEGIN INSERT INTO users (name) VALUES ('extra'); END",
    );
    const ann = loose(new (loose(User))({ name: "ann" }));
    await expect(batch([ann.save(), posts.create({ author: ann, title: "a" })])).rejects.toMatchObject({
      name: "OperationalError",
      code: "key_unknown",
    });
    expect([ann.id, await users.all().count()]).toEqual([undefined, 0]);
  });

  it("guards by statements that fail with their names", async () => {
    await users.create({ name: "ann" });
    const sent = await request(() =>
      batch([
        users.filter({ name: "ann" }).update({ nick: "a" }),
        guard.affected(1),
        guard.exists(users.filter({ nick: "a" })),
        guard.absent(posts.filter({ author__name: "ann" })),
      ]),
    );
    expect(sent.slice(1).map(({ sql, params }) => [sql, params])).toEqual([
      ["SELECT CASE WHEN changes() = ? THEN 1 ELSE json_extract('{}', ?) END", [1, "terrapin_mark_0_"]],
      [
        'SELECT CASE WHEN EXISTS (SELECT 1 FROM "users" WHERE "users"."nick" = ? LIMIT 1) THEN 1 ELSE json_extract(\'{}\', ?) END',
        ["a", "terrapin_mark_1_"],
      ],
      [
        'SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM "post" JOIN "users" AS "post__author" ON "post__author"."id" = "post"."author_id" WHERE "post__author"."name" = ? LIMIT 1) THEN 1 ELSE json_extract(\'{}\', ?) END',
        ["ann", "terrapin_mark_2_"],
      ],
    ]);
  });

  it("has what cannot be asked at once refused, before anything is sent", async () => {
    await users.create({ name: "ann" });
    db.requests.length = 0;
    const refused: readonly (readonly [unknown, string])[] = [
      [
        users
          .annotate({ r: loose((await import("terrapin")).Random)() })
          .orderBy("r")
          .limit(1)
          .prefetchRelated("posts"),
        "needs_answer",
      ],
      [loose(await posts.create({ author: 1, title: "a" })).tags.getOrCreate({ slug: "x" }), "needs_answer"],
    ];
    for (const [item, code] of refused) {
      db.requests.length = 0;
      await expect(batch([users.create({ name: "never" }), item])).rejects.toMatchObject({ code });
      expect(db.requests).toEqual([]);
    }
    expect(await users.all().count()).toBe(1);
  });

  it("runs in a context beside the default one", async () => {
    const other = batchOnly();
    const orm = await context({ connections: { default: other }, models: { Lone } } as never);
    await orm.generateSchemas();
    const [one, count] = await orm.run(() => typedBatch([Lone.create({ text: "a" }), Lone.all().count()]));
    expect([one.text, count, db.requests.length]).toEqual(["a", 1, 0]);
    await orm.closeConnections();
  });

  it("tells listeners before it is sent and after it was kept, and their own queries are no part of it", async () => {
    const told: string[] = [];
    stops = [
      loose(preSave)(User, async ({ instance, usingDb }: Loose) => {
        told.push(`before ${instance.name} ${await users.usingDb(usingDb).count()}`);
        instance.nick = "heard";
      }),
      loose(postSave)(User, async ({ instance }: Loose) => {
        told.push(`after ${instance.id} ${await users.all().count()}`);
      }),
    ];
    const [ann, , count] = await batch([
      users.create({ name: "ann" }),
      users.create({ name: "bob" }),
      users.all().count(),
    ]);
    expect([ann.nick, count, told]).toEqual(["heard", 2, ["before ann 0", "before bob 0", "after 1 2", "after 2 2"]]);
    expect(db.requests.filter((statements) => statements.length > 1).length).toBe(1);
    stops.push(
      loose(preSave)(User, () => {
        throw new RangeError("no");
      }),
    );
    await expect(batch([posts.create({ author: 1, title: "never" }), users.create({ name: "cy" })])).rejects.toThrow(
      "no",
    );
    expect(await posts.all().count()).toBe(0);
  });
});

describe("statements for a driver with few parameters", () => {
  it("take rows as one parameter", async () => {
    const all = ["a", "b"].map((name) => new (loose(User))({ name }));
    const [insert] = await request(() => users.bulkCreate(all));
    expect([insert!.sql, insert!.params]).toEqual([
      'INSERT INTO "users" ("name", "nick") SELECT value ->> 0 AS c0, value ->> 1 AS c1 FROM json_each(?)',
      ['[["a",null],["b",null]]'],
    ]);
    const [upsert] = await request(() => users.bulkCreate(all, { updateFields: ["nick"], onConflict: ["name"] }));
    expect(upsert!.sql).toBe(
      'INSERT INTO "users" ("id", "name", "nick") SELECT value ->> 0 AS c0, value ->> 1 AS c1, value ->> 2 AS c2 FROM json_each(?) WHERE true ON CONFLICT ("name") DO UPDATE SET "nick" = excluded."nick" RETURNING "id", "name"',
    );
    const [update] = await request(() => users.bulkUpdate(all, ["nick"]));
    expect([update!.sql, update!.params]).toEqual([
      'UPDATE "users" SET "nick" = "rows"."c0" FROM (SELECT value ->> 0 AS c0, value ->> 1 AS c1 FROM json_each(?)) AS "rows" WHERE "users"."id" = "rows"."c1"',
      ["[[null,1],[null,2]]"],
    ]);
  });

  it("take more parameters than there may be out of one", async () => {
    const names = Array.from({ length: 101 }, (_, i) => loose(Q)({ name: `n${i}` }));
    const [{ sql, params }] = (await request(() => users.filter(loose(Q).or(...names)).count())) as [Statement];
    expect(sql).toContain("WITH terrapin_values AS (SELECT ? AS v) SELECT COUNT(1) FROM");
    expect(sql).toContain(`"name" = json_extract((SELECT v FROM terrapin_values), '$[0][100]')`);
    expect(params).toEqual([JSON.stringify([names.map((_, i) => `n${i}`)])]);
  });

  it("put five queries together at a time", async () => {
    const parts = Array.from({ length: 7 }, (_, i) => users.filter({ id: i }).valuesList("id"));
    const [{ sql }] = (await request(() => loose(typedUnion)(...parts))) as [Statement];
    const part = 'SELECT "users"."id" AS "c0" FROM "users" WHERE "users"."id" = ?';
    const five = new Array(5).fill(part).join(" UNION ");
    expect(sql).toBe(
      `SELECT "c0" FROM (SELECT "rows"."c0" FROM (${five}) AS "rows" UNION ${part} UNION ${part}) AS "rows"`,
    );
  });

  it("name parents by the query that gives them", async () => {
    const sent = await request(() => users.filter({ name: "ann" }).limit(3).prefetchRelated("posts__comments"));
    const rows = 'SELECT "users"."id" FROM "users" WHERE "users"."name" = ? ORDER BY "users"."id" LIMIT ? + 0';
    expect(texts(sent)).toEqual([
      'SELECT "id", "name", "nick" FROM "users" WHERE "name" = ? ORDER BY "id" LIMIT ? + 0',
      `SELECT "id", "headline", "score", "author_id", "checked by" FROM "post" WHERE "author_id" IN (${rows})`,
      `SELECT "id", "text", "post_id" FROM "comment" WHERE "post_id" IN (SELECT "post"."id" FROM "post" WHERE "post"."author_id" IN (${rows})) ORDER BY "id" DESC`,
    ]);
  });

  it("find or make in one request", async () => {
    const sent = await request(() => users.updateOrCreate({ name: "ann" }, { nick: "a" }));
    expect(texts(sent)).toEqual([
      'SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM (SELECT "users"."id" AS "c0" FROM "users" WHERE "users"."name" = ? ORDER BY "users"."id" LIMIT 1 OFFSET ? + 0) AS "rows" LIMIT 1) THEN 1 ELSE json_extract(\'{}\', ?) END',
      'UPDATE "users" SET "nick" = ? WHERE "name" = ? AND ("nick" <> ? OR "nick" IS NULL)',
      'INSERT INTO "users" ("name", "nick") SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM "users" WHERE "users"."name" = ? LIMIT 1)',
      'SELECT "id", "name", "nick" FROM "users" WHERE "name" = ? LIMIT 2',
    ]);
  });
});
