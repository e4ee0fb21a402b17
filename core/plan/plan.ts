import { TerrapinError } from "../base/errors.js";
import {
  makeFill,
  makeFlatReader,
  makeRelatedReader,
  makeTupleReader,
  makeValuesReader,
  type ReadRow,
} from "../load/reader.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Query } from "../sql/ast.js";
import { compileBound, writeWithValues, type Compiled } from "../sql/compile.js";
import type { SqlValue } from "../sql/column-type.js";
import type { Dialect } from "../sql/dialect.js";
import { ALL_SLOTS, type Binder } from "../sql/writer.js";
import { keptFor, planCache } from "./kept.js";
import { buildCount, buildExists, buildSelect, type BuiltSelect } from "./select.js";
import { walkState, type ShapeNode } from "./shape.js";

/** All that can be known without the values: the text, where each parameter comes from, how to read a row. */
export interface Plan extends Compiled {
  readonly read: ReadRow;
  /** for a query of the rows of given parents: the key of the one that a row belongs to, asked before `read` */
  readonly parentOf: ReadRow | null;
}

/** A plan, and the values of one query in the order of its slots. */
export interface Planned<P> {
  readonly plan: P;
  readonly values: unknown[];
}

/** The plan that is kept in a place, or null: asked before `planAt` where making its function would be felt. */
export function keptPlan(node: ShapeNode): unknown {
  if (node.plan === null || planCache.mode !== "on") return null;
  planCache.hits++;
  return node.plan;
}

/** The plan at the end of a walk; made when it is not there yet. */
export function planAt<P extends Compiled>(node: ShapeNode, make: () => P): P {
  const kept = node.plan as P | null;
  if (kept !== null && planCache.mode === "on") {
    planCache.hits++;
    return kept;
  }
  const made = make();
  planCache.compiles++;
  if (kept !== null && planCache.mode === "verify" && kept.sql !== made.sql) {
    throw new TerrapinError(`a kept plan is not what its query compiles to: ${kept.sql} / ${made.sql}`, {
      code: "plan_mismatch",
    });
  }
  if (planCache.mode !== "off") node.plan = made;
  return made;
}

/** The plan of a query that gives rows. */
export function planSelect(state: QueryState, meta: Meta, dialect: Dialect): Planned<Plan> {
  const values: unknown[] = [];
  const node = walkState(state, keptFor(meta, dialect).root("select"), meta, values);
  return { plan: planAt(node, () => compileSelect(state, meta, dialect)), values };
}

function compileSelect(state: QueryState, meta: Meta, dialect: Dialect): Plan {
  const built = buildSelect(state, meta, dialect);
  return { ...compileBound(built.query, dialect), read: readerOf(state, meta, built), parentOf: parentReader(built) };
}

/** How rows are read, by what the query gives. */
export function readerOf(state: QueryState, meta: Meta, { columns, extras, related }: BuiltSelect): ReadRow {
  switch (state.output.kind) {
    case "objects": {
      const fill = makeFill(columns);
      const { fromRow, fromPartialRow } = meta.objects;
      const fields = columns.map((column) => column.field);
      const base: ReadRow =
        state.only === null || columns.length === meta.fields.length
          ? (row) => fromRow(fill, row)
          : (row) => fromPartialRow(fill, row, fields);
      return related.length === 0 && extras.length === 0
        ? base
        : makeRelatedReader(base, columns.length, extras, related);
    }
    case "values":
      return makeValuesReader(columns);
    case "tuples":
      return makeTupleReader(columns);
    case "flat":
      return makeFlatReader(columns);
    default:
      return state.output satisfies never;
  }
}

function parentReader({ parent }: BuiltSelect): ReadRow | null {
  if (parent === null) return null;
  const { at, column } = parent;
  const decode = column.codec.decode as ((stored: unknown) => unknown) | null;
  return decode === null ? (row) => row[at] : (row) => (row[at] === null ? null : decode(row[at]));
}

const firstValue: ReadRow = (row) => row[0];

/** The plan that counts a query's rows, or asks whether there is one. */
export function planNumber(kind: "count" | "exists", state: QueryState, meta: Meta, dialect: Dialect): Planned<Plan> {
  const values: unknown[] = [];
  const node = walkState(state, keptFor(meta, dialect).root(kind), meta, values);
  const build = kind === "count" ? buildCount : buildExists;
  return {
    plan: planAt(node, () => ({
      ...compileBound(build(state, meta, dialect), dialect),
      read: firstValue,
      parentOf: null,
    })),
    values,
  };
}

/** Values through their binders: what the driver gets. */
export function bind(binders: readonly Binder[], values: readonly unknown[]): SqlValue[] {
  const count = binders.length;
  const params = new Array<SqlValue>(count);
  for (let i = 0; i < count; i++) {
    const { slot, encode } = binders[i]!;
    const value = slot === ALL_SLOTS ? values : values[slot];
    params[i] = value === null || encode === null ? (value as SqlValue) : encode(value);
  }
  return params;
}

/** A statement with its values written into it: for `.sql()` and people. */
export const inline = (query: Query, dialect: Dialect, values: readonly unknown[]): string =>
  writeWithValues(query, dialect, values);
