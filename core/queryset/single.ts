import { DoesNotExist, MultipleObjectsReturned } from "../base/errors.js";
import { after, type MaybePromise } from "../base/maybe.js";
import { explainFormat, withHint, withLock } from "../query/locking.js";
import { prefetchRequests } from "../query/prefetch.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import { annotated } from "./annotate.js";
import { Lazy, Read } from "./awaitable.js";
import type { UsingOptions } from "./queryset.js";
import { explain, sqlOf } from "./explain.js";
import { alsoRelated, someNames, tuplesOutput, valuesOutput } from "./output.js";
import { fetch } from "./run.js";

/** How many rows a single query must find. */
export type Expected = "one" | "one or none" | "first";

/** One row, asked for but not yet fetched. */
export class SingleQuerySet extends Lazy<unknown> {
  constructor(
    readonly state: QueryState,
    readonly expected: Expected,
  ) {
    super();
  }

  protected start(): MaybePromise<unknown> {
    return after(fetch(this.state), (rows) => this.#pick(rows));
  }

  only(...names: string[]): SingleQuerySet {
    return this.#with((next) => {
      next.only = someNames(names, "only");
    });
  }
  annotate(values: object): SingleQuerySet {
    return this.#with((next) => {
      next.annotations = annotated(next, values, "annotate");
    });
  }
  selectRelated(...paths: string[]): SingleQuerySet {
    return this.#with((next) => {
      next.related = alsoRelated(next, paths);
    });
  }
  prefetchRelated(...paths: unknown[]): SingleQuerySet {
    return this.#with((next) => {
      next.prefetch = [...next.prefetch, ...prefetchRequests(paths, "prefetchRelated")];
    });
  }
  values(...names: unknown[]): SingleQuerySet {
    return this.#with((next) => {
      next.output = valuesOutput(names);
    });
  }
  valuesList(...names: unknown[]): SingleQuerySet {
    return this.#with((next) => {
      next.output = tuplesOutput(names);
    });
  }
  selectForUpdate(options: UsingOptions = {}): SingleQuerySet {
    return this.#with((next) => {
      next.access = withLock(next.access, options);
      if (options.usingDb !== undefined) next.using = options.usingDb;
    });
  }
  forceIndex(...names: string[]): SingleQuerySet {
    return this.#with((next) => {
      next.access = withHint(next.access, "force", names);
    });
  }
  useIndex(...names: string[]): SingleQuerySet {
    return this.#with((next) => {
      next.access = withHint(next.access, "use", names);
    });
  }
  usingDb(target: unknown): SingleQuerySet {
    return this.#with((next) => {
      next.using = target;
    });
  }

  /** The statement with its values written into it: for people, not for running. */
  sql(): string {
    return sqlOf(this.state);
  }
  explain(options: object = {}): Read<Record<string, unknown>[]> {
    const format = explainFormat(options);
    return new Read(() => explain(this.state, format));
  }

  #pick(rows: readonly unknown[]): unknown {
    if (rows.length === 1) return rows[0];
    const { name } = metaOf(this.state.model);
    if (rows.length > 1) throw severalRows(name);
    if (this.expected === "one") throw noRow(name);
    return null;
  }

  #with(change: (next: QueryState) => void): SingleQuerySet {
    const next = this.state.copy();
    change(next);
    return new SingleQuerySet(next, this.expected);
  }
}

/** `get` found no row of a model. */
export const noRow = (name: string): DoesNotExist =>
  new DoesNotExist(`Object "${name}" does not exist`, { hint: "getOrNone() gives null instead" });

/** `get` or `getOrNone` found several. */
export const severalRows = (name: string): MultipleObjectsReturned =>
  new MultipleObjectsReturned(`Multiple objects returned for "${name}", expected exactly one`, {
    hint: "filter by something unique, or take the first with first()",
  });
