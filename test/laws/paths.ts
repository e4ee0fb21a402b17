import fc from "fast-check";
import { F, Q as loose } from "./loose.js";
import { COLUMNS, isText, NAMES, RELATIONS, type Data, type ModelName, type Plain, type Step } from "./family.js";
import type { Loose } from "../support/loose.js";

/** Some relations in a row, by name, and where they lead. */
export interface Way {
  readonly names: readonly string[];
  readonly end: ModelName;
}

/** One lookup at the end of a way: of a column, or of the last relation itself. */
export interface Atom {
  readonly way: Way;
  /** null: the relation itself */
  readonly column: string | null;
  readonly lookup: string;
  readonly value: unknown;
  /** another column in place of the value, or a condition whose rows are the list */
  readonly other?: { readonly way: Way; readonly column: string };
  readonly query?: Tree;
}

/** A condition three times: as data, as the library takes it, and as plain JavaScript decides it. */
export type Tree =
  | { readonly kind: "leaf"; readonly atoms: readonly Atom[] }
  | { readonly kind: "and" | "or"; readonly items: readonly Tree[] }
  | { readonly kind: "not"; readonly item: Tree };

/** Ways from a model of at most so many relations. */
export function ways(from: ModelName, most: number, least = 0): Way[] {
  const found: Way[] = [];
  const go = (names: readonly string[], end: ModelName): void => {
    if (names.length >= least) found.push({ names, end });
    if (names.length === most) return;
    for (const [name, { to }] of Object.entries(RELATIONS[end])) go([...names, name], to);
  };
  go([], from);
  return found;
}

/** Ways whose lengths are equally likely, though there are many more long ones. */
export const someWay = (from: ModelName, most: number, least = 0): fc.Arbitrary<Way> =>
  fc.integer({ min: least, max: most }).chain((length) => fc.constantFrom(...ways(from, length, length)));

/** The relations of a way. */
export function stepsOf(from: ModelName, { names }: Way): Step[] {
  let at = from;
  return names.map((name) => {
    const step = RELATIONS[at][name]!;
    at = step.to;
    return step;
  });
}

const numbers = fc.constantFrom(0, 1, 2);
const words = fc.constantFrom("", "a", "b", "ä");
const keysOf = (model: ModelName): fc.Arbitrary<unknown> =>
  model === "Tag" ? fc.constantFrom("t'1", "t2", "T2", "tä", "none") : fc.integer({ min: 1, max: 5 });

function valuesOf(model: ModelName, column: string): fc.Arbitrary<unknown> {
  if (column === "id") return keysOf(model);
  if (column === "code") return fc.constantFrom("c1", "c2", "c3", "none");
  return column === "word" ? words : numbers;
}

/** The column of the relation's other end that its values are. */
const keyColumn = (step: Step): string => step.key?.[1] ?? "id";

function lookups(values: fc.Arbitrary<unknown>, ordered: boolean): fc.Arbitrary<{ lookup: string; value: unknown }> {
  const of = (lookup: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<{ lookup: string; value: unknown }> =>
    value.map((given) => ({ lookup, value: given }));
  const maybe = fc.option(values, { nil: null, freq: 3 });
  const list = fc.array(maybe, { maxLength: 3 });
  const found = [
    of("exact", maybe),
    of("not", maybe),
    of("in", list),
    of("not_in", list),
    of("isnull", fc.boolean()),
    of("not_isnull", fc.boolean()),
  ];
  if (ordered)
    found.push(
      of("gt", values),
      of("lte", values),
      of(
        "range",
        fc.tuple(values, values).map((pair) => [...pair]),
      ),
    );
  return fc.oneof(...found);
}

/** A few ways and where they lead on their way: conditions that share rows are the interesting ones. */
const pools = (from: ModelName, most: number): fc.Arbitrary<readonly Way[]> =>
  fc.array(someWay(from, most, 1), { minLength: 1, maxLength: 2 }).map((found) => [
    { names: [], end: from },
    ...found.flatMap(({ names }) =>
      names.map((_, i): Way => {
        const some = names.slice(0, i + 1);
        return { names: some, end: stepsOf(from, { names: some, end: from }).at(-1)!.to };
      }),
    ),
  ]);

function atoms(pool: readonly Way[], deep: boolean): fc.Arbitrary<Atom> {
  const any = fc.constantFrom(...pool);
  const column = any.chain((way) =>
    fc
      .constantFrom(...COLUMNS[way.end])
      .chain((name) => lookups(valuesOf(way.end, name), true).map((made): Atom => ({ way, column: name, ...made }))),
  );
  const relation = fc.constantFrom(...pool.slice(1)).chain((way) => {
    const step = stepsOf(pool[0]!.end, way).at(-1)!;
    return lookups(valuesOf(way.end, keyColumn(step)), false).map((made): Atom => ({ way, column: null, ...made }));
  });
  const other = fc.tuple(any, any, fc.constantFrom("exact", "not", "gt", "lte")).chain(([way, second, lookup]) =>
    fc.boolean().map((text): Atom => {
      const pick = (model: ModelName): string => {
        const wanted = COLUMNS[model].filter((name) => isText(model, name) === text);
        return wanted.at(-1) ?? "num";
      };
      const [mine, theirs] = [pick(way.end), pick(second.end)];
      const fits = isText(way.end, mine) === isText(second.end, theirs);
      return {
        way,
        column: fits ? mine : "num",
        lookup,
        value: null,
        other: { way: second, column: fits ? theirs : "num" },
      };
    }),
  );
  const plain = [
    { weight: 6, arbitrary: column },
    { weight: 3, arbitrary: relation },
    { weight: 1, arbitrary: other },
  ];
  if (!deep) return fc.oneof(...plain);
  const query = fc
    .tuple(fc.constantFrom(...pool.slice(1)), fc.constantFrom("in", "not_in"))
    .chain(([way, lookup]) =>
      trees(way.end, 1, false).map((tree): Atom => ({ way, column: null, lookup, value: null, query: tree })),
    );
  return fc.oneof(...plain, { weight: 1, arbitrary: query });
}

/** Trees of and, or and not over paths from a model. */
export const trees = (from: ModelName, most = 3, deep = true): fc.Arbitrary<Tree> =>
  pools(from, most).chain((pool) => treesOf(pool, deep));

function treesOf(pool: readonly Way[], deep: boolean): fc.Arbitrary<Tree> {
  const leaf = fc
    .uniqueArray(atoms(pool, deep), { minLength: 1, maxLength: 3, selector: pathOf })
    .map((found): Tree => ({ kind: "leaf", atoms: found }));
  return fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthIdentifier: `paths ${deep}` },
      leaf,
      fc
        .tuple(fc.constantFrom("and" as const, "or" as const), fc.array(tie("tree"), { minLength: 1, maxLength: 3 }))
        .map(([kind, items]): Tree => ({ kind, items })),
      tie("tree").map((item): Tree => ({ kind: "not", item })),
    ),
  })).tree;
}

export const someModel: fc.Arbitrary<ModelName> = fc.constantFrom(...NAMES);

const pathOf = ({ way, column, lookup }: Atom): string =>
  [...way.names, ...(column === null ? [] : [column]), ...(lookup === "exact" ? [] : [lookup])].join("__");

/** The tree as the library takes it. */
export function toQ(tree: Tree, models: Readonly<Record<ModelName, Loose>>): object {
  switch (tree.kind) {
    case "leaf":
      return loose(Object.fromEntries(tree.atoms.map((atom) => [pathOf(atom), valueOf(atom, models)])));
    case "not":
      return loose.not(toQ(tree.item, models));
    default:
      return loose[tree.kind](...tree.items.map((item) => toQ(item, models)));
  }
}

function valueOf({ way, value, other, query }: Atom, models: Readonly<Record<ModelName, Loose>>): unknown {
  if (other !== undefined) return F([...other.way.names, other.column].join("__"));
  return query === undefined ? value : models[way.end].filter(toQ(query, models));
}

/** Which row each to-many way stands at; null: there is none. */
export type Rows = ReadonlyMap<string, Plain | null>;

/** A negation of a negation is nothing, also where only one thing is joined in between. */
function plain(tree: Tree): Tree {
  if (tree.kind === "leaf") return tree;
  if (tree.kind === "not") {
    const item = plain(tree.item);
    return item.kind === "not" ? item.item : { kind: "not", item };
  }
  const items = tree.items.map(plain);
  return items.length === 1 ? items[0]! : { kind: tree.kind, items };
}

/**
 * Does the tree hold for the row? Two-valued: NULL fulfils no comparison, and its negation. `fixed`: what conditions on some ways
 * speak of, wherever they stand.
 */
export function holds(given: Tree, from: ModelName, row: Plain, data: Data, fixed: Rows = new Map()): boolean {
  const tree = plain(given);
  return standings(manyWays(tree, from), from, row, data, fixed).some((rows) =>
    holdsAt(tree, from, row, data, rows, fixed),
  );
}

/** All conditions on one way speak of one row, but what is negated asks for rows of its own. */
function holdsAt(tree: Tree, from: ModelName, row: Plain, data: Data, rows: Rows, fixed: Rows): boolean {
  switch (tree.kind) {
    case "leaf":
      return tree.atoms.every((atom) => atomHolds(atom, from, row, data, rows));
    case "not":
      return !holds(tree.item, from, row, data, fixed);
    case "and":
      return tree.items.every((item) => holdsAt(item, from, row, data, rows, fixed));
    default:
      return tree.items.some((item) => holdsAt(item, from, row, data, rows, fixed));
  }
}

/** The to-many ways that conditions outside of negations go, shorter ones first. */
function manyWays(tree: Tree, from: ModelName): string[][] {
  const found = new Map<string, string[]>();
  const note = ({ names }: Way): void => {
    stepsOf(from, { names, end: from }).forEach(({ many }, i) => {
      if (many) found.set(names.slice(0, i + 1).join("__"), names.slice(0, i + 1));
    });
  };
  const look = (each: Tree): void => {
    if (each.kind === "leaf")
      for (const { way, other } of each.atoms) {
        note(way);
        if (other !== undefined) note(other.way);
      }
    else if (each.kind !== "not") each.items.forEach(look);
  };
  look(tree);
  return [...found.values()].toSorted((left, right) => left.length - right.length);
}

/** Every choice of one row for each way that has none yet. */
function standings(wanted: readonly string[][], from: ModelName, row: Plain, data: Data, fixed: Rows): Rows[] {
  let all: Map<string, Plain | null>[] = [new Map(fixed)];
  for (const names of wanted) {
    if (fixed.has(names.join("__"))) continue;
    all = all.flatMap((rows) => {
      const last =
        RELATIONS[stepsOf(from, { names: names.slice(0, -1), end: from }).at(-1)?.to ?? from][names.at(-1)!]!;
      const before = walk(names.slice(0, -1), from, row, data, rows);
      const found = before === null ? [] : last.follow(before, data);
      return (found.length === 0 ? [null] : found).map((each) => new Map([...rows, [names.join("__"), each]]));
    });
  }
  return all;
}

/** The row at the end of a way. */
function walk(names: readonly string[], from: ModelName, row: Plain, data: Data, rows: Rows): Plain | null {
  let at: Plain | null = row;
  stepsOf(from, { names, end: from }).forEach((step, i) => {
    if (step.many) at = rows.get(names.slice(0, i + 1).join("__")) ?? null;
    else if (at !== null) at = step.follow(at, data)[0] ?? null;
  });
  return at;
}

/** True where some to-many relation on the way has no row at all. */
function lacksRow(names: readonly string[], from: ModelName, rows: Rows): boolean {
  return stepsOf(from, { names, end: from }).some(
    ({ many }, i) => many && (rows.get(names.slice(0, i + 1).join("__")) ?? null) === null,
  );
}

function atomHolds(atom: Atom, from: ModelName, row: Plain, data: Data, rows: Rows): boolean {
  const { way, lookup, value, other, query } = atom;
  const step = stepsOf(from, way).at(-1);
  const column = atom.column ?? keyColumn(step!);
  const own = (walk(way.names, from, row, data, rows)?.[column] ?? null) as never;
  const missing = lacksRow(way.names, from, rows);
  if (other !== undefined) {
    if (missing || lacksRow(other.way.names, from, rows)) return false;
    const their = (walk(other.way.names, from, row, data, rows)?.[other.column] ?? null) as never;
    if (own === null || their === null) return lookup === "not";
    return compare(lookup, own, their);
  }
  if (query !== undefined) {
    if (missing) return false;
    const among =
      own !== null && data[way.end].some((each) => each[column] === own && holds(query, way.end, each, data));
    return among === (lookup === "in");
  }
  const asksForNull =
    (lookup === "exact" && value === null) ||
    (lookup === "isnull" && value === true) ||
    (lookup === "not_isnull" && value === false);
  if (missing) return asksForNull;
  switch (lookup) {
    case "exact":
      return own === value;
    case "not":
      return own !== value;
    case "in":
      return (value as unknown[]).includes(own);
    case "not_in":
      return !(value as unknown[]).includes(own);
    case "isnull":
      return (own === null) === value;
    case "not_isnull":
      return (own !== null) === value;
    case "range":
      return own !== null && compare("gte", own, (value as never[])[0]!) && compare("lte", own, (value as never[])[1]!);
    default:
      return own !== null && compare(lookup, own, value as never);
  }
}

function compare(lookup: string, left: number, right: number): boolean {
  switch (lookup) {
    case "gt":
      return left > right;
    case "gte":
      return left >= right;
    case "lte":
      return left <= right;
    case "not":
      return left !== right;
    default:
      return left === right;
  }
}

/** A row for each choice of rows along some ways, next to those that are there: what a left join gives. */
export function joined(
  paths: readonly Way[],
  from: ModelName,
  row: Plain,
  data: Data,
  fixed: Rows = new Map(),
): Rows[] {
  const wanted = new Map<string, string[]>();
  for (const { names } of paths)
    stepsOf(from, { names, end: from }).forEach(({ many }, i) => {
      if (many) wanted.set(names.slice(0, i + 1).join("__"), names.slice(0, i + 1));
    });
  return standings(
    [...wanted.values()].toSorted((left, right) => left.length - right.length),
    from,
    row,
    data,
    fixed,
  );
}

/** A column at the end of a way, in a row of a join. */
export const valueAt = (way: Way, column: string, from: ModelName, row: Plain, data: Data, rows: Rows): unknown =>
  walk(way.names, from, row, data, rows)?.[column] ?? null;
