import { UnsupportedError } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { keptFor } from "../plan/kept.js";
import { bind, inline, planSelect } from "../plan/plan.js";
import { buildSelect } from "../plan/select.js";
import { walkState } from "../plan/shape.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import type { Dialect } from "../sql/dialect.js";
import { clientOf } from "./run.js";

/** How the database would run the query, in its own words. */
export function explain(state: QueryState, format: string | null = null): MaybePromise<Record<string, unknown>[]> {
  if (state.none) return [];
  const meta = metaOf(state.model);
  const client = clientOf(state, meta);
  const { plan, values } = planSelect(state, meta, client.dialect);
  return after(
    client.run(prefixOf(client.dialect, format) + plan.sql, bind(plan.binders, values), true),
    ({ rows, columns }) => rows.map((row) => namedRow(row, columns!)),
  );
}

function prefixOf({ explain: usual, explainFormats, name }: Dialect, format: string | null): string {
  if (format === null) return usual;
  if (Object.hasOwn(explainFormats, format)) return explainFormats[format]!;
  throw new UnsupportedError(`${name} does not explain a query as "${format}"`, {
    code: "explain_format",
    hint: `known: ${Object.keys(explainFormats).join(", ")}; without a format, its usual one`,
  });
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
