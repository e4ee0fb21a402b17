import { FieldError, ParamsError, typeName } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { rawParams, type RawValue } from "../connection/raw.js";
import { makeFill, type ReadColumn } from "../load/reader.js";
import { keptFor } from "../plan/kept.js";
import type { QueryState } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Dialect } from "../sql/dialect.js";
import { Lazy } from "./awaitable.js";
import { forgetKeys } from "./referring.js";
import { clientOf } from "./run.js";

/** Objects from SQL of the user's own. Columns that the model does not know become plain attributes. */
export class RawQuerySet extends Lazy<unknown[]> {
  // Private: a filter that is given this must not take it for the query set that it came from.
  readonly #state: QueryState;
  readonly #params: readonly unknown[];
  readonly #sql: string;

  constructor(state: QueryState, sql: string, params: readonly unknown[]) {
    super();
    this.#state = state;
    if (typeof sql !== "string") throw new ParamsError(`raw() takes SQL, not ${typeName(sql)}`);
    this.#sql = sql;
    this.#params = params.slice();
  }

  protected start(): MaybePromise<unknown[]> {
    const meta = metaOf(this.#state.model);
    const client = clientOf(this.#state, meta);
    forgetKeys(client, null);
    return after(client.run(this.#sql, rawParams(this.#params as readonly RawValue[]), true), ({ rows, columns }) =>
      readRaw(rows, columns!, meta, client.dialect),
    );
  }

  usingDb(target: unknown): RawQuerySet {
    const next = this.#state.copy();
    next.using = target;
    return new RawQuerySet(next, this.#sql, this.#params);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    yield* await this.run();
  }

  sql(): string {
    return this.#sql;
  }
}

function readRaw(rows: unknown[][], names: readonly string[], meta: Meta, dialect: Dialect): unknown[] {
  if (rows.length === 0) return [];
  const { columns } = keptFor(meta, dialect);
  const known: ReadColumn[] = [];
  const places: number[] = [];
  const extra: number[] = [];
  names.forEach((name, i) => {
    const column = columns.find(({ field }) => field.column === name);
    if (column === undefined) return extra.push(i);
    known.push({ name: column.field.name, field: column.field, codec: column.codec });
    return places.push(i);
  });
  if (!known.some(({ field }) => field === meta.pk))
    throw new FieldError(`raw(): the rows have no column "${meta.pk.column}", the key of ${meta.name}`, {
      code: "no_key",
    });
  const fill = makeFill(known);
  const fields = known.map(({ field }) => field);
  return rows.map((row) => {
    const object = meta.objects.fromPartialRow(
      fill,
      places.map((at) => row[at]),
      fields,
    );
    for (const at of extra) object[names[at]!] = row[at];
    return object;
  });
}
