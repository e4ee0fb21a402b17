import { OperationalError } from "../base/errors.js";
import type { Client } from "../connection/client.js";
import type { Statement } from "../connection/driver.js";
import { Gathered } from "../connection/gathered.js";
import { notSaved } from "../plan/filter.js";
import type { Column, Kept } from "../plan/kept.js";
import { planKeyCheck } from "../plan/guard.js";
import { latestKey } from "../plan/write.js";
import type { Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Expr } from "../sql/ast.js";
import type { SqlValue } from "../sql/column-type.js";

// Rows that refer to rows which are written in the same batch.

/** The key of an object that was not saved when it was assigned. */
export interface Awaited {
  /** its place among the parameters */
  readonly at: number;
  readonly column: Column;
  readonly relation: Relation;
  readonly object: object;
}

/** The object whose key a column without a value waits for; null: there is none. */
export function awaitedIn(owner: object, column: Column, meta: Meta, at: number): Awaited | null {
  for (const relation of meta.relations.values()) {
    if (relation.from !== column.field || relation.backward || relation.through !== null) continue;
    const object = meta.objects.related(owner, relation);
    if (object !== null && object !== undefined) return { at, column, relation, object };
  }
  return null;
}

/** Parameters in which keys stand that are known by now; the others are computed in the database. */
export interface Referring {
  readonly params: SqlValue[];
  /** null: all keys are known */
  readonly computed: ReadonlyMap<number, Expr> | null;
}

/** Fills in the keys that a row waits for. */
export function referTo(
  { params, awaited }: { readonly params: SqlValue[]; readonly awaited: readonly Awaited[] | null },
  { meta }: Kept,
  client: Client,
): Referring {
  if (awaited === null) return { params, computed: null };
  const computed = new Map<number, Expr>();
  for (const { at, column, relation, object } of awaited) {
    const found = keyOrPlace(object, relation, `${meta.name}.${relation.name}`, client);
    if ("expr" in found) computed.set(at, found.expr);
    else params[at] = column.write(found.key);
  }
  if (computed.size === 0) return { params, computed: null };
  return { params: params.filter((_, i) => !computed.has(i)), computed };
}

/** The key of an object, or where the database finds it while the object is being written. */
export function keyOrPlace(
  object: object,
  relation: Relation,
  where: string,
  client: Client,
): { readonly key: unknown } | { readonly expr: Expr } {
  const { target, to, through } = relation;
  const field = through === null && !relation.backward ? to : target.pk;
  const key = (object as Record<string, unknown>)[field.name] ?? null;
  if (target.objects.storedOf(object) !== null) return { key };
  if (!(client instanceof Gathered) || !client.inserts(object)) throw notSaved(relation, where);
  if (key !== null) return { key };
  const rowsAfter = field === target.pk ? client.rowsAfter(object) : null;
  if (rowsAfter === null)
    throw new OperationalError(`"${where}": the key that this ${target.name} gets cannot be told any more`, {
      code: "key_unknown",
      hint: "put what refers to a new object right after it: before deletes, raw SQL and rows with keys of their own",
    });
  return { expr: latestKey(target, rowsAfter) };
}

/** The row was written: its owner has what it waited for. */
export function takeReferred(
  owner: object,
  { params, awaited }: { readonly params: SqlValue[]; readonly awaited: readonly Awaited[] | null },
): void {
  if (awaited === null) return;
  for (const { at, column, relation, object } of awaited) {
    (owner as Record<string, unknown>)[relation.name] = object;
    const key = (owner as Record<string, unknown>)[column.name];
    params[at] = column.write(key);
  }
}

/** Says which objects the statement before inserts, so that others may refer to them. */
export function expectKeys(objects: readonly object[], client: Client, { meta, dialect }: Kept): void {
  if (!(client instanceof Gathered)) return;
  const check = (): Statement => ({
    sql: planKeyCheck(meta, dialect).sql,
    params: [client.mark((cause) => uncounted(meta, cause))],
  });
  for (const object of objects) {
    const hasKey = !meta.pk.generated || ((object as Record<string, unknown>)[meta.pk.name] ?? null) !== null;
    client.expect(object, meta.label, hasKey ? null : check);
  }
}

/** Says that nobody can tell any more which keys new rows of a model have; null: of any model. */
export function forgetKeys(client: Client, meta: Meta | null): void {
  if (client instanceof Gathered) client.forgetKeys(meta === null ? null : meta.label);
}

const uncounted = ({ name }: Meta, cause: unknown): OperationalError =>
  new OperationalError(
    `batch: the keys of new rows of ${name} do not follow each other here, so nothing can refer to them`,
    {
      code: "key_unknown",
      hint: "does a trigger insert rows of its own? Save the object before the batch, or give it a key",
      cause,
    },
  );
