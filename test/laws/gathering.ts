import fc from "fast-check";
import * as terrapin from "../../core/index.js";
import { loose } from "../support/loose.js";
import { COLUMNS, isText, RELATIONS, type Data, type ModelName, type Plain } from "./family.js";

const { Avg, Count, Max, Min, Q, Sum } = loose(terrapin);

/** A way along relations to a column, or to the rows themselves. */
export interface Way {
  readonly steps: readonly string[];
  readonly to: ModelName;
  /** null: the rows are counted */
  readonly column: string | null;
}

/** An aggregate as plain JavaScript calculates it. */
export interface Gathered {
  readonly call: "Count" | "Sum" | "Avg" | "Min" | "Max";
  readonly way: Way;
  readonly distinct: boolean;
  /** only rows at the end of the way whose `num` is at least this */
  readonly least: number | null;
  /** the others */
  readonly negated: boolean;
}

export const way = (model: ModelName, shortest: number): fc.Arbitrary<Way> =>
  fc
    .array(fc.nat(), { minLength: shortest, maxLength: 3 })
    .map((choices) => {
      let to = model;
      const steps = choices.map((choice) => {
        const names = Object.keys(RELATIONS[to]);
        const name = names[choice % names.length]!;
        to = RELATIONS[to][name]!.to;
        return name;
      });
      return { steps, to };
    })
    .chain(({ steps, to }) =>
      fc.record({
        steps: fc.constant(steps),
        to: fc.constant(to),
        column: fc.constantFrom(...COLUMNS[to], ...(steps.length > 0 ? [null] : [])),
      }),
    );

export const gathered = (model: ModelName, shortest = 0): fc.Arbitrary<Gathered> =>
  way(model, shortest).chain((each) => {
    const isNumber = each.column !== null && !isText(each.to, each.column);
    return fc.record({
      call:
        each.column === null
          ? fc.constant("Count" as const)
          : fc.constantFrom<Gathered["call"]>("Count", "Min", "Max", ...(isNumber ? (["Sum", "Avg"] as const) : [])),
      way: fc.constant(each),
      distinct: fc.boolean(),
      negated: fc.boolean(),
      // A card has no more than one number, so a filter on it says little; it is there all the same.
      least: COLUMNS[each.to].includes("num") ? fc.option(fc.constantFrom(0, 1, 2)) : fc.constant(null),
    });
  });

export const pathOf = ({ steps, column }: Way): string => [...steps, ...(column === null ? [] : [column])].join("__");

export const chosen = ({ steps }: Way, least: number, negated: boolean): unknown => {
  const q = Q({ [[...steps, "num__gte"].join("__")]: least });
  return negated ? Q.not(q) : q;
};

export const expression = ({ call, way: at, distinct, least, negated }: Gathered): unknown =>
  ({ Avg, Count, Max, Min, Sum })[call](pathOf(at), {
    distinct,
    ...(least === null ? {} : { filter: chosen(at, least, negated) }),
  });

export function follow(start: Plain, model: ModelName, steps: readonly string[], data: Data): Plain[] {
  let rows = [start];
  let at = model;
  for (const step of steps) {
    const relation = RELATIONS[at][step]!;
    rows = rows.flatMap((row) => relation.follow(row, data));
    at = relation.to;
  }
  return rows;
}

export function calculate(
  { call, way: at, distinct, least, negated }: Gathered,
  model: ModelName,
  rows: readonly Plain[],
  data: Data,
) {
  const all = rows
    .flatMap((row) => follow(row, model, at.steps, data))
    .filter((row) => least === null || (row["num"] !== null && (row["num"] as number) >= least) !== negated)
    .map((row) => row[at.column ?? "id"])
    .filter((value) => value !== null);
  const values = distinct ? [...new Set(all)] : all;
  if (call === "Count") return values.length;
  if (values.length === 0) return null;
  const sum = (values as number[]).reduce((total, value) => total + value, 0);
  const sorted = [...values].sort(compare);
  return { Sum: sum, Avg: sum / values.length, Min: sorted[0], Max: sorted.at(-1) }[call];
}

export const encoder = new TextEncoder();
/** By size, or by bytes; null first. */
export function compare(left: unknown, right: unknown): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  if (typeof left !== "string") return (left as number) - (right as number);
  const [one, other] = [encoder.encode(left), encoder.encode(right as string)];
  for (let i = 0; i < Math.min(one.length, other.length); i++) if (one[i] !== other[i]) return one[i]! - other[i]!;
  return one.length - other.length;
}

export const close = (rows: readonly Plain[]): unknown[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "number" && !Number.isInteger(value) ? value.toFixed(9) : value,
      ]),
    ),
  );

export const named = (some: readonly Gathered[]): Record<string, unknown> =>
  Object.fromEntries(some.map((each, i) => [`a${i}`, expression(each)]));
export const expected = (some: readonly Gathered[], model: ModelName, rows: readonly Plain[], data: Data) =>
  Object.fromEntries(some.map((each, i) => [`a${i}`, calculate(each, model, rows, data)]));

/** Own columns, and columns behind relations that lead to one object at most. */
export const KEYS: Readonly<
  Record<ModelName, readonly (readonly [path: string, steps: readonly string[], column: string])[]>
> = {
  Person: [
    ["num", [], "num"],
    ["word", [], "word"],
    ["boss__num", ["boss"], "num"],
    ["card__num", ["card"], "num"],
    ["boss__boss__word", ["boss", "boss"], "word"],
  ],
  Card: [["person__word", ["person"], "word"]],
  Post: [
    ["num", [], "num"],
    ["author__word", ["author"], "word"],
    ["reviewer__card__num", ["reviewer", "card"], "num"],
  ],
  Note: [
    ["word", [], "word"],
    ["post__author__num", ["post", "author"], "num"],
    ["writer__word", ["writer"], "word"],
  ],
  Tag: [["num", [], "num"]],
};

/** The way leads to many rows, whose distinct values no group can gather. */
export function isManyWay(model: ModelName, { way: { steps } }: Gathered): boolean {
  let at = model;
  return steps.some((step) => {
    const { many, to } = RELATIONS[at][step]!;
    at = to;
    return many;
  });
}
