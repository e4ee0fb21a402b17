import fc from "fast-check";
import * as terrapin from "../../core/index.js";
import { loose, type Loose } from "../support/loose.js";
import { COLUMNS, isText, type Data, type ModelName, type Plain } from "./family.js";
import { holds, joined, someWay, stepsOf, toQ, trees, valueAt, type Rows, type Tree, type Way } from "./paths.js";

const { Avg, Count, Max, Min, Sum } = loose(terrapin);

type Models = Readonly<Record<ModelName, Loose>>;

/** An aggregate as plain JavaScript calculates it. */
export interface Gathered {
  readonly call: "Count" | "Sum" | "Avg" | "Min" | "Max";
  readonly way: Way;
  /** null: the rows at the end of the way are counted */
  readonly column: string | null;
  readonly distinct: boolean;
  /** only rows for which this holds; on the ways to what is gathered it speaks of just that */
  readonly filter: Tree | null;
}

/** A column at the end of a way. */
export interface Key {
  readonly way: Way;
  readonly column: string;
}

/** A row of a model next to the related rows that are joined to it. */
export interface Joined {
  readonly row: Plain;
  readonly beside: Rows;
}

/** The same conditions on the rows at the end of a way. */
function behind(way: Way, tree: Tree): Tree {
  const longer = ({ names, end }: Way): Way => ({ names: [...way.names, ...names], end });
  switch (tree.kind) {
    case "leaf":
      return {
        kind: "leaf",
        atoms: tree.atoms.map((atom) => ({
          ...atom,
          way: longer(atom.way),
          ...(atom.other && { other: { ...atom.other, way: longer(atom.other.way) } }),
        })),
      };
    case "not":
      return { kind: "not", item: behind(way, tree.item) };
    default:
      return { kind: tree.kind, items: tree.items.map((item) => behind(way, item)) };
  }
}

export const gathered = (model: ModelName): fc.Arbitrary<Gathered> =>
  someWay(model, 3)
    .chain((way) =>
      fc.record({
        way: fc.constant(way),
        column: fc.constantFrom(...COLUMNS[way.end], ...(way.names.length > 0 ? [null] : [])),
      }),
    )
    .chain(({ way, column }) => {
      const isNumber = column !== null && !isText(way.end, column);
      return fc.record({
        call:
          column === null
            ? fc.constant("Count" as const)
            : fc.constantFrom<Gathered["call"]>("Count", "Min", "Max", ...(isNumber ? (["Sum", "Avg"] as const) : [])),
        way: fc.constant(way),
        column: fc.constant(column),
        distinct: fc.boolean(),
        filter: fc.option(
          fc.oneof(
            trees(way.end, 1, false).map((tree) => behind(way, tree)),
            trees(model, 2, false),
          ),
        ),
      });
    });

/** True where the values that it gives are numbers. */
export const isNumber = ({ call, way, column }: Gathered): boolean => call === "Count" || !isText(way.end, column!);

const expression = ({ call, way, column, distinct, filter }: Gathered, models: Models): unknown =>
  ({ Avg, Count, Max, Min, Sum })[call]([...way.names, ...(column === null ? [] : [column])].join("__"), {
    distinct,
    ...(filter === null ? {} : { filter: toQ(filter, models) }),
  });

/** Of the rows, each next to those it is joined with, all that the way leads to. */
export function calculate(
  { call, way, column, distinct, filter }: Gathered,
  model: ModelName,
  rows: readonly Joined[],
  data: Data,
): unknown {
  const all = rows.flatMap(({ row, beside }) =>
    joined([way], model, row, data, beside)
      .filter((rows) => filter === null || holds(filter, model, row, data, rows))
      .map((rows) => valueAt(way, column ?? "id", model, row, data, rows))
      .filter((value) => value !== null),
  );
  const values = distinct ? [...new Set(all)] : all;
  if (call === "Count") return values.length;
  if (values.length === 0) return null;
  const sum = (values as number[]).reduce((total, value) => total + value, 0);
  const sorted = values.toSorted(compare);
  return { Sum: sum, Avg: sum / values.length, Min: sorted[0], Max: sorted.at(-1) }[call];
}

/** The rows of a model, nothing joined to them. */
export const alone = (rows: readonly Plain[]): Joined[] => rows.map((row) => ({ row, beside: new Map() }));

const encoder = new TextEncoder();
/** By size, or by bytes; null first. */
export function compare(left: unknown, right: unknown): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  if (typeof left !== "string") return (left as number) - (right as number);
  const [one, other] = [encoder.encode(left), encoder.encode(right as string)];
  for (let i = 0; i < Math.min(one.length, other.length); i++) if (one[i] !== other[i]) return one[i]! - other[i]!;
  return one.length - other.length;
}

/** Rows whose fractions are compared to nine places. */
export const close = (rows: readonly Plain[]): unknown[] =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === "number" && !Number.isInteger(value) ? value.toFixed(9) : value,
      ]),
    ),
  );

/** The aggregates under the names a0, a1 … */
export const named = (some: readonly Gathered[], models: Models): Record<string, unknown> =>
  Object.fromEntries(some.map((each, i) => [`a${i}`, expression(each, models)]));
export const expected = (
  some: readonly Gathered[],
  model: ModelName,
  rows: readonly Joined[],
  data: Data,
): Record<string, unknown> => Object.fromEntries(some.map((each, i) => [`a${i}`, calculate(each, model, rows, data)]));

const key = (model: ModelName, path: string): Key => {
  const names = path.split("__");
  const column = names.pop()!;
  const way = { names, end: model };
  return { column, way: { names, end: stepsOf(model, way).at(-1)?.to ?? model } };
};
/** What rows are grouped by: own columns, columns of one object at most, and columns of many, next to which rows repeat. */
export const KEYS: Readonly<Record<ModelName, readonly Key[]>> = {
  Person: [
    "num",
    "word",
    "boss__num",
    "card__num",
    "boss__boss__word",
    "posts__word",
    "posts__tags__num",
    "friends__num",
    "staff__notes__word",
  ].map((path) => key("Person", path)),
  Card: ["person__word", "person__posts__num"].map((path) => key("Card", path)),
  Post: ["num", "author__word", "reviewer__card__num", "tags__num", "notes__word", "notes__writer__num"].map((path) =>
    key("Post", path),
  ),
  Note: ["word", "post__author__num", "writer__word", "post__tags__num"].map((path) => key("Note", path)),
  Tag: ["num", "posts__word", "posts__author__num", "posts__notes__num"].map((path) => key("Tag", path)),
};

export const textOf = ({ way, column }: Key): string => [...way.names, column].join("__");

/** The rows in groups of the same keys, each row as often as the ways to the keys lead to a row. */
export function groupsOf(keys: readonly Key[], model: ModelName, rows: readonly Plain[], data: Data) {
  const groups = new Map<string, Joined[]>();
  const ways = keys.map(({ way }) => way);
  for (const row of rows)
    for (const beside of joined(ways, model, row, data)) {
      const of = JSON.stringify(keys.map(({ way, column }) => valueAt(way, column, model, row, data, beside)));
      groups.set(of, [...(groups.get(of) ?? []), { row, beside }]);
    }
  return [...groups].map(([of, members]) => {
    const values = JSON.parse(of) as unknown[];
    return { members, of: Object.fromEntries(keys.map((each, i) => [textOf(each), values[i]])) };
  });
}
