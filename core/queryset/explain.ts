import { after, type MaybePromise } from "../base/maybe.js";
import { keptFor } from "../plan/kept.js";
import { bind, inline, planSelect } from "../plan/plan.js";
import { buildSelect } from "../plan/select.js";
import { walkState } from "../plan/shape.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import { clientOf } from "./run.js";

/** How the database would run the query, in its own words. */
export function explain(state: QueryState): MaybePromise<Record<string, unknown>[]> {
  if (state.none) return [];
  const meta = metaOf(state.model);
  const client = clientOf(state, meta);
  const { plan, values } = planSelect(state, meta, client.dialect);
  return after(client.run(client.dialect.explain + plan.sql, bind(plan.binders, values), true), ({ rows, columns }) =>
    rows.map((row) => namedRow(row, columns!)),
  );
}

/** The statement with its values written into it: for people, not for running. */
export function sqlOf(state: QueryState): string {
  const meta = metaOf(state.model);
  const { dialect } = clientOf(state, meta);
  const values: unknown[] = [];
  walkState(state, keptFor(meta, dialect).root("select"), meta, values);
  return inline(buildSelect(state, meta, dialect).query, dialect, values);
}

/** A row as an object, by the names of its columns. */
export function namedRow(row: readonly unknown[], columns: readonly string[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) object[columns[i]!] = row[i];
  return object;
}
