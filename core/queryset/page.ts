import { ParamsError, typeName } from "../base/errors.js";
import { after as then, type MaybePromise } from "../base/maybe.js";
import { badCursor, orderText, planPage, type PagePlan } from "../plan/page.js";
import { bind } from "../plan/plan.js";
import type { QueryState } from "../query/state.js";
import { metaOf } from "../schema/meta.js";
import type { SqlValue } from "../sql/column-type.js";
import { Read } from "./awaitable.js";
import { clientOf, loadAlso } from "./run.js";

/** What a page is asked for. */
export interface PageOptions {
  /** how many rows at most */
  readonly size: number;
  /** `next` of the page before; null or left out: the first page */
  readonly after?: string | null;
}

/** Some rows, and the cursor that the following ones come after; null when there are none. */
export interface Page {
  readonly rows: unknown[];
  readonly next: string | null;
}

/**
 * One page of a query, found by the values that its order has at the end of the page before: however far, it costs the same,
 * and rows that come or go meanwhile shift nothing.
 *
 * `User.all().orderBy("-age").page({ size: 20, after })` gives `… WHERE "age" <= ? AND ("age" < ? OR ("age" = ? AND
 * "id" < ?)) ORDER BY "age" DESC, "id" DESC LIMIT ?`.
 */
export function page(state: QueryState, options: PageOptions): Read<Page> {
  const { size, after } = checked(options);
  refuseOthers(state);
  return new Read(() => fetchPage(state, size, after));
}

/** The rows of a page, and its cursor. */
export function fetchPage(state: QueryState, size: number, after: string | null): MaybePromise<Page> {
  if (state.none) return { rows: [], next: null };
  const meta = metaOf(state.model);
  const client = clientOf(state, meta);
  const next = state.copy();
  next.keyed = true;
  // One more says whether there is another page.
  next.limit = size + 1;
  const order = hash(orderText(state, meta));
  const from = after === null ? null : readCursor(after, order);
  const { plan, values } = planPage(next, meta, client.dialect, from);
  if (from !== null) bindCursor(plan, from, values);
  return then(client.run(plan.sql, bind(plan.binders, values)), ({ rows }) => {
    const more = rows.length > size;
    if (more) rows.length = size;
    const cursor = more ? writeCursor(order, rows[size - 1]!.slice(plan.width)) : null;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      row.length = plan.width;
      rows[i] = plan.read(row) as never;
    }
    const found: Page = { rows, next: cursor };
    return state.prefetch.length === 0 ? found : then(loadAlso(rows as never, next, meta, client), () => found);
  });
}

function checked(options: unknown): { readonly size: number; readonly after: string | null } {
  if (typeof options !== "object" || options === null)
    throw new ParamsError(`page() takes { size, after }, not ${typeName(options)}`);
  const unknown = Object.keys(options).find((name) => name !== "size" && name !== "after");
  if (unknown !== undefined) throw new ParamsError(`page() has no option "${unknown}"`, { hint: "size and after" });
  const { size, after = null } = options as PageOptions;
  if (!Number.isSafeInteger(size) || size < 1)
    throw new ParamsError(
      `page(): size is a whole number from 1, not ${typeof size === "number" ? "this number" : typeName(size)}`,
    );
  if (after !== null && typeof after !== "string")
    throw new ParamsError(`page(): after is a cursor or null, not ${typeName(after)}`);
  return { size, after };
}

function refuseOthers(state: QueryState): void {
  if (state.limit !== null || state.offset !== null)
    throw new ParamsError("page() after limit(), offset() or slice() would answer for other rows", {
      code: "sliced",
      hint: "leave the slice out: size says how many",
    });
  if (state.from !== null)
    throw new ParamsError(`page(): the rows of "${state.from.name}" have no key that tells equal ones apart`, {
      code: "page_order",
      hint: "use limit() and offset()",
    });
  if (state.groupBy !== null)
    throw new ParamsError("page() gives rows, not groups", { code: "grouped", hint: "use limit() and offset()" });
  if (state.distinct && state.output.kind !== "objects")
    throw new ParamsError("page() of distinct values has no key that tells equal ones apart", {
      code: "page_order",
      hint: "use limit() and offset()",
    });
}

/** A value of a cursor: what JSON has no form for is an object. */
type CursorValue = string | number | boolean | null | { readonly n: string } | { readonly b: string };

function writeCursor(order: string, values: readonly unknown[]): string {
  const text = JSON.stringify([order, ...values.map(cursorValue)]);
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function cursorValue(value: unknown): CursorValue {
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return { n: String(value) };
  if (value instanceof Uint8Array)
    return { b: Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("") };
  return value as CursorValue;
}

/** The values of a cursor; refused when a page of another order gave it. */
function readCursor(cursor: string, order: string): (SqlValue | null)[] {
  let found: unknown;
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw badCursor(error);
  }
  if (!Array.isArray(found) || typeof found[0] !== "string" || found.length < 2) throw badCursor();
  if (found[0] !== order)
    throw new ParamsError("page(): the cursor belongs to another order", {
      code: "cursor_order",
      hint: "a cursor goes on with the model and the orderBy() that it came from; begin again without it",
    });
  return found.slice(1).map(storedValue);
}

function storedValue(value: CursorValue): SqlValue | null {
  if (typeof value === "string" || typeof value === "number" || value === null) return value;
  if (typeof value === "object" && "n" in value && /^(-?\d+|-?Infinity)$/.test(value.n))
    return value.n.endsWith("y") ? Number(value.n) : BigInt(value.n);
  if (typeof value === "object" && "b" in value && /^([0-9a-f]{2})*$/.test(value.b))
    return Uint8Array.from(value.b.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  throw badCursor();
}

/** A cursor comes from outside: each value must be one of its column, and what was selected as text is compared as what it is. */
function bindCursor({ order }: PagePlan, from: readonly (SqlValue | null)[], values: unknown[]): void {
  const start = values.length - from.length;
  order.forEach(({ codec }, i) => {
    if (from[i] === null) return;
    const { encode, decode } = codec as unknown as Record<"encode" | "decode", ((value: unknown) => unknown) | null>;
    try {
      const read = decode === null ? from[i] : decode(from[i]);
      values[start + i] = encode === null ? read : encode(read);
    } catch (error) {
      throw badCursor(error);
    }
  });
}

/** 64 bits of FNV-1a: two orders that a program has are told apart; it is no secret. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++)
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return value.toString(36);
}
