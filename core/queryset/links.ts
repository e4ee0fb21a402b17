import { OperationalError, ParamsError } from "../base/errors.js";
import { after, inOrder, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { resolveClient } from "../connection/context.js";
import type { Statement } from "../connection/driver.js";
import { checkConverses } from "../connection/gathered.js";
import type { Transaction } from "../connection/transaction.js";
import { isUnsaved, keyValue } from "../plan/filter.js";
import { keptFor } from "../plan/kept.js";
import { planLinks, planPair, type LinkStatement } from "../plan/links.js";
import { bind } from "../plan/plan.js";
import { listWidth } from "../plan/shape.js";
import { insertedColumns } from "../plan/write.js";
import { conditions } from "../query/q.js";
import { startOf } from "../query/start.js";
import { QueryState } from "../query/state.js";
import type { Relation } from "../schema/relation.js";
import type { Expr } from "../sql/ast.js";
import { asUnit, insertUnless } from "./at-once.js";
import { Write } from "./awaitable.js";
import { bulkCreate } from "./bulk.js";
import { awaitDefaults, hasKey, insertObject, prepare, setTimes, type Row } from "./persist.js";
import { QuerySet } from "./queryset.js";
import { keyOrPlace } from "./referring.js";
import type { Linked, Pairs } from "./related.js";
import { withFieldNames } from "./run.js";

/** The pairs of many-to-many relations: `fields.manyToMany` brings this. */
export const pairs: Pairs["pairs"] = {
  add: addLinks,
  remove: removeLinks,
  clear: clearLinks,
  set: setLinks,
  linked,
  linkedNew,
};

/** Adds the pairs that are missing. */
function addLinks(owner: object, relation: Relation, given: readonly unknown[], using: unknown): Write<void> {
  const objects = given.slice();
  return write(relation, using, (client) => {
    if (objects.length === 0) return undefined;
    const added = client.together
      ? asUnit(client, (unit) => insertPairs(owner, objects, relation, unit, "add"))
      : insert(near(owner, relation), keysOf(objects, relation, "add"), relation, client);
    return after(added, () => {
      changeList(owner, relation, client, objects, (list) => {
        for (const object of objects as object[]) if (!list.some((each) => sameRow(each, object))) list.push(object);
      });
    });
  });
}

/** Removes pairs; those that are not there are no error. */
function removeLinks(owner: object, relation: Relation, given: readonly unknown[], using: unknown): Write<void> {
  const objects = given.slice();
  if (objects.length === 0)
    throw new OperationalError("remove() called on no instances", {
      code: "no_instances",
      hint: "clear() removes all of them",
    });
  return write(relation, using, (client) => {
    const keys = keysOf(objects, relation, "remove");
    return after(run(client, relation, "remove", near(owner, relation), keys), () => {
      changeList(owner, relation, client, [], (list) => {
        keep(list, (each) => !keys.some((key) => sameKey(key, keyValue(relation, each, relation.name))));
      });
    });
  });
}

/** Removes all pairs. */
function clearLinks(owner: object, relation: Relation, using: unknown): Write<void> {
  return write(relation, using, (client) =>
    after(run(client, relation, "clear", near(owner, relation), []), () => {
      changeList(owner, relation, client, [], (list) => keep(list, () => false));
    }),
  );
}

/** Makes the pairs exactly these: what is missing is added, what is too much removed, all or nothing. */
function setLinks(owner: object, relation: Relation, given: readonly unknown[], using: unknown): Write<void> {
  if (!Array.isArray(given)) throw new ParamsError("set() takes an array of objects or keys");
  // A loaded relation asks the database for its slices.
  const objects = Array.from<unknown>(given);
  return write(relation, using, (client) => {
    return after(
      inRepeatableUnit(client, (unit) =>
        client.together ? replacePairs(owner, objects, relation, unit) : replace(owner, objects, relation, unit),
      ),
      () =>
        changeList(owner, relation, client, objects, (list) => {
          keep(list, () => false);
          for (const object of objects as object[]) if (!list.some((each) => sameRow(each, object))) list.push(object);
        }),
    );
  });
}

function replace(owner: object, objects: readonly unknown[], relation: Relation, tx: Client): MaybePromise<unknown> {
  const key = near(owner, relation);
  const keys = keysOf(objects, relation, "set");
  return after(run(tx, relation, "keep", key, keys), () => insert(key, keys, relation, tx));
}

/** Makes objects and their pairs with the owner, all or nothing. */
function linked<T>(
  owner: object,
  relation: Relation,
  using: unknown,
  make: (all: QuerySet) => MaybePromise<Linked<T>>,
): Write<T> {
  return write(relation, using, (client) => {
    checkConverses(client, `${relation.name}: what may be there already`);
    const makeOn = (unit: Client): MaybePromise<Linked<T>> => {
      const state = startOf(relation.target);
      state.using = unit;
      return make(new QuerySet(state));
    };
    // In two requests, each of which is a unit of its own: what is made or found, and then its pairs.
    const done = client.together
      ? after(makeOn(client), (made) =>
          after(
            asUnit(client, (unit) => insertPairs(owner, made.objects, relation, unit, "create")),
            () => made,
          ),
        )
      : asUnit(client, (unit) => {
          const key = near(owner, relation);
          return after(makeOn(unit), (made) =>
            after(insert(key, keysOf(made.objects, relation, "create"), relation, unit), () => made),
          );
        });
    return after(done, ({ answer, objects }) => {
      changeList(owner, relation, client, objects, (list) => list.push(...objects));
      return answer;
    });
  });
}

/** Makes objects that are new, and their pairs with the owner, all or nothing. */
function linkedNew<T>(
  owner: object,
  relation: Relation,
  using: unknown,
  objects: () => readonly object[],
  store: (objects: readonly object[], unit: Client) => MaybePromise<T>,
): Write<T> {
  return write(relation, using, (client) => {
    const all = objects();
    const { lazyDefaults } = keptFor(relation.target, client.dialect);
    const ready = inOrder(all, (object) => awaitDefaults(object as Row, lazyDefaults));
    if (client.gathers && relation.target.listening !== null)
      checkConverses(client, `${relation.name}: a model to which somebody listens`);
    const together = client.together && relation.target.listening === null;
    return after(ready, () =>
      after(
        asUnit(client, (unit) => {
          if (!together) {
            const key = near(owner, relation);
            return after(store(all, unit), (answer) =>
              after(insert(key, keysOf(all, relation, "create"), relation, unit), () => answer),
            );
          }
          const stored = store(all, unit);
          const paired = insertPairs(owner, all, relation, unit, "create");
          return Promise.all([stored, paired]).then(([answer]) => answer);
        }),
        (answer) => {
          changeList(owner, relation, client, all, (list) => list.push(...all));
          return answer;
        },
      ),
    );
  });
}

function write<T>(relation: Relation, using: unknown, work: (client: Client) => MaybePromise<T>): Write<T> {
  return new Write(() => work(resolveClient(relation.meta, using as never, true)));
}

/** The owner's key; it must be stored, or there is nothing to pair. */
function near(owner: object, relation: Relation): unknown {
  return keyValue(relation.reverse, owner, `${relation.meta.name}.${relation.name}`);
}

function keysOf(objects: readonly unknown[], relation: Relation, call: string): unknown[] {
  const seen = new Map<unknown, unknown>();
  for (const object of objects) {
    const key = keyValue(relation, object, `${relation.name}.${call}()`);
    if (key === null || key === undefined) throw new ParamsError(`${relation.name}.${call}() takes objects or keys`);
    seen.set(typeof key === "object" ? JSON.stringify(key) : key, key);
  }
  return [...seen.values()];
}

/** INSERTs the pairs that are missing. */
function insert(key: unknown, keys: readonly unknown[], relation: Relation, client: Client): MaybePromise<unknown> {
  if (keys.length === 0) return undefined;
  const { meta, unique } = relation.through!;
  if (unique && meta === null) {
    const insertNow = (): MaybePromise<unknown> => insertAll(key, keys, relation, client);
    return client.dialect.forUpdate ? repeated(client, insertNow) : insertNow();
  }
  // Nothing in the database keeps a pair from standing there twice, or the pair is an object with more to say.
  return inRepeatableUnit(client, (unit) =>
    after(run(unit, relation, "find", key, keys), (rows) => {
      const decode = keptFor(relation.target, unit.dialect).byField.get(relation.to)!.codec.decode as
        | ((stored: unknown) => unknown)
        | null;
      // An owner without any of them may be told as one row of nothing.
      const found = rows.filter(([stored]) => stored !== null);
      const there = found.map(([stored]) => (decode === null ? stored : decode(stored)));
      const missing = keys.filter((one) => !there.some((other) => sameKey(one, other)));
      if (missing.length === 0) return undefined;
      return meta === null ? insertAll(key, missing, relation, unit) : insertObjects(key, missing, relation, unit);
    }),
  );
}

/** As many pairs as a statement takes at a time. */
function insertAll(key: unknown, keys: readonly unknown[], relation: Relation, client: Client): MaybePromise<unknown> {
  const statements = pairStatements(key, keys, relation, client);
  return withFieldNames(relation.meta, () => client.batch(statements));
}

function pairStatements(key: unknown, keys: readonly unknown[], relation: Relation, client: Client): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < keys.length; ) {
    const count = [50, 16, 4, 1].find((size) => size <= keys.length - at)!;
    statements.push(statement(client, relation, count, key, keys.slice(at, at + count)));
    at += count;
  }
  return statements;
}

/** Pairs that are objects of a model get their defaults. */
function insertObjects(
  key: unknown,
  keys: readonly unknown[],
  relation: Relation,
  client: Client,
): MaybePromise<unknown> {
  const { meta, near: nearColumn, far } = relation.through!;
  const nameOf = (column: string): string => meta!.fields.find((field) => field.column === column)!.name;
  const state = new QueryState(meta!.model);
  state.using = client;
  const objects = keys.map((one) => meta!.objects.fromValues({ [nameOf(nearColumn)]: key, [nameOf(far)]: one }));
  return bulkCreate(state, objects, {}).run();
}

function run(
  client: Client,
  relation: Relation,
  what: LinkStatement,
  key: unknown,
  keys: readonly unknown[],
): MaybePromise<unknown[][]> {
  const { sql, params } = statement(client, relation, what, key, keys);
  return after(client.run(sql, params), ({ rows }) => rows);
}

function statement(
  client: Client,
  relation: Relation,
  what: LinkStatement,
  key: unknown,
  keys: readonly unknown[],
): Statement {
  const plan = planLinks(what, relation, client.dialect, listWidth(keys, client.dialect));
  return { sql: plan.sql, params: bind(plan.binders, typeof what === "number" ? [key, ...keys] : [key, keys]) };
}

/** How often pairs are written again where the locks of two writers crossed. */
const ATTEMPTS = 5;

/**
 * The same for work that may be done again. Where rows are locked one by one, the locks of two writers may cross, and the
 * database ends one of them, which has then done nothing.
 */
const inRepeatableUnit = <T>(client: Client, work: (tx: Client) => MaybePromise<T>): Promise<T> =>
  repeated(client, () => asUnit(client, work));

async function repeated<T>(client: Client, work: () => MaybePromise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const crossed = error instanceof OperationalError && error.code === "deadlock" && !client.isTransaction;
      if (!crossed || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Makes the pairs exactly these, in statements that wait for no answer. */
function replacePairs(owner: object, objects: readonly unknown[], relation: Relation, unit: Client): Promise<unknown> {
  const kept = objects.filter((object) => !isUnsaved(relation, object));
  // A new owner has no pairs.
  const cut = isUnsaved(relation.reverse, owner)
    ? undefined
    : run(unit, relation, "keep", near(owner, relation), keysOf(kept, relation, "set"));
  return Promise.all([cut, insertPairs(owner, objects, relation, unit, "set")]);
}

/** INSERTs the pairs that are missing, in statements that wait for no answer: their ends may be new themselves. */
function insertPairs(
  owner: object,
  objects: readonly unknown[],
  relation: Relation,
  unit: Client,
  call: string,
): MaybePromise<unknown> {
  const fresh = new Set(objects.filter((object): object is object => isUnsaved(relation, object)));
  const others = objects.filter((object) => !fresh.has(object as object));
  const keys = keysOf(others, relation, call);
  const { unique, meta } = relation.through!;
  if (meta !== null) return insertMembers(owner, [...keys, ...fresh], relation, unit);
  const where = `${relation.meta.name}.${relation.name}`;
  const start = isUnsaved(relation.reverse, owner)
    ? keyOrPlace(owner, relation.reverse, where, unit)
    : { key: near(owner, relation) };
  const statements: Statement[] = [];
  if (unique && "key" in start) statements.push(...pairStatements(start.key, keys, relation, unit));
  else for (const key of keys) statements.push(pairStatement(start, { key }, relation, unit));
  for (const object of fresh)
    statements.push(pairStatement(start, keyOrPlace(object, relation, where, unit), relation, unit));
  return statements.length === 0 ? undefined : withFieldNames(relation.meta, () => unit.batch(statements));
}

type End = { readonly key: unknown } | { readonly expr: Expr };

function pairStatement(near: End, far: End, relation: Relation, { dialect }: Client): Statement {
  const plan = planPair(relation, dialect, {
    near: "expr" in near ? near.expr : null,
    far: "expr" in far ? far.expr : null,
  });
  const values = [near, far].map((end) => ("key" in end ? end.key : null));
  return { sql: plan.sql, params: bind(plan.binders, values) };
}

/** The same where each pair is an object of a model with more to say. */
function insertMembers(owner: object, ends: readonly unknown[], relation: Relation, unit: Client): Promise<unknown> {
  const { meta, near: nearColumn, far } = relation.through!;
  const kept = keptFor(meta!, unit.dialect);
  const relationOf = (column: string): string => {
    for (const each of meta!.relations.values())
      if (each.from.column === column && !each.backward && each.through === null) return each.name;
    return meta!.fields.find((field) => field.column === column)!.name;
  };
  const [nearName, farName] = [relationOf(nearColumn), relationOf(far)];
  return Promise.all(
    ends.map(async (end) => {
      const object = meta!.objects.fromValues({ [nearName]: owner, [farName]: end });
      if (isUnsaved(relation.reverse, owner) || isUnsaved(relation, end)) return insertObject(object, meta!, unit);
      const there = new QueryState(meta!.model);
      there.where = [conditions([{ [nearName]: owner, [farName]: end }], relation.name)];
      setTimes(object, kept.clocks, true);
      const columns = insertedColumns(kept, hasKey(object, meta!.pk));
      return insertUnless(object, prepare(object, meta!, columns), columns, there, unit, kept);
    }),
  );
}

/** Keeps a loaded list in step with what was written; where that cannot be known, it is loaded no more. */
function changeList(
  owner: object,
  relation: Relation,
  client: Client,
  added: readonly unknown[],
  change: (list: object[]) => void,
): void {
  const { related, unrelate } = relation.meta.objects;
  const list = related(owner, relation) as object[] | null | undefined;
  if (list === null || list === undefined) return;
  if (client.isTransaction) (client as Transaction).onRollback(() => unrelate(owner, relation));
  if (added.some((each) => typeof each !== "object" || each === null)) unrelate(owner, relation);
  else change(list);
}

function keep(list: object[], wanted: (object: object) => boolean): void {
  const left = Array.from(list).filter(wanted);
  list.length = 0;
  list.push(...left);
}

const sameRow = (one: object, other: object): boolean =>
  (one as { equals?: (object: unknown) => boolean }).equals?.(other) ?? one === other;
const sameKey = (one: unknown, other: unknown): boolean => one === other || String(one) === String(other);
