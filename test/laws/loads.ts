import fc from "fast-check";
import { Prefetch as typedPrefetch } from "../../core/index.js";
import type { Loose } from "../support/loose.js";
import { RELATIONS, type Data, type ModelName, type Plain } from "./family.js";
import { holds, someModel, toQ, trees, type Tree } from "./paths.js";

const Prefetch = typedPrefetch as unknown as (path: string, query?: Loose, options?: object) => never;

/** How one relation is loaded. */
interface Part {
  readonly how: "joined" | "asked" | "its own query" | "its own attribute";
  readonly to: ModelName;
  readonly many: boolean;
  readonly tree: Tree;
  readonly descending: boolean;
  readonly limit: number | null;
  readonly offset: number | null;
  readonly load: Load;
}

/** What is loaded along with objects of a model, by relation. */
export type Load = Readonly<Record<string, Part>>;

const loadOf = (model: ModelName, depth: number): fc.Arbitrary<Load> => {
  if (depth === 0) return fc.constant({});
  const names = Object.keys(RELATIONS[model]);
  return fc
    .uniqueArray(fc.constantFrom(...names), { minLength: depth === 3 ? 1 : 0, maxLength: 2 })
    .chain((picked) =>
      fc.record(Object.fromEntries(picked.map((name) => [name, partOf(model, name, depth)]))),
    ) as fc.Arbitrary<Load>;
};

function partOf(model: ModelName, name: string, depth: number): fc.Arbitrary<Part> {
  const { to, many } = RELATIONS[model][name]!;
  const hows = ["asked", "its own query", "its own attribute"] as const;
  return fc.record({
    how: fc.constantFrom<Part["how"]>(...hows, ...(many ? [] : (["joined"] as const))),
    to: fc.constant(to),
    many: fc.constant(many),
    tree: trees(to, 1, false),
    descending: fc.boolean(),
    limit: fc.option(fc.integer({ min: 0, max: 2 })),
    offset: fc.option(fc.integer({ min: 0, max: 2 })),
    load: loadOf(to, depth - 1),
  });
}

export const loadTrees: fc.Arbitrary<[ModelName, Load]> = someModel.chain((model) =>
  fc.tuple(fc.constant(model), loadOf(model, 3)),
);

/** The query with everything that is to be loaded. */
export function toQuery(start: Loose, load: Load, models: Readonly<Record<ModelName, Loose>>, prefix = ""): Loose {
  let query = start;
  for (const [name, part] of Object.entries(load)) {
    const path = `${prefix}${name}`;
    if (part.how === "joined" || part.how === "asked") {
      // What is asked for below a joined relation goes on from there.
      query = part.how === "joined" && prefix === "" ? query.selectRelated(path) : query.prefetchRelated(path);
      query = toQuery(query, part.load, models, `${path}__`);
    } else query = query.prefetchRelated(prefetchOf(path, part, models));
  }
  return query;
}

function prefetchOf(path: string, part: Part, models: Readonly<Record<ModelName, Loose>>): never {
  let inner = models[part.to].filter(toQ(part.tree, models)).orderBy(...orderOf(part));
  if (part.limit !== null) inner = inner.limit(part.limit);
  if (part.offset !== null) inner = inner.offset(part.offset);
  inner = toQuery(inner, part.load, models);
  return part.how === "its own attribute"
    ? Prefetch(path, inner, { toAttr: attributeOf(path) })
    : Prefetch(path, inner);
}

const orderOf = ({ descending }: Part): string[] => (descending ? ["-num", "-id"] : ["num", "id"]);
const attributeOf = (path: string): string => `my_${path.split("__").at(-1)}`;

/** The objects as plain data; lists that nobody ordered are put in order. */
export function objectsOf(objects: readonly object[], load: Load): unknown[] {
  const plain = JSON.parse(JSON.stringify(objects)) as Record<string, unknown>[];
  return plain.map((object) => orderLists(object, load));
}

function orderLists(object: Record<string, unknown>, load: Load): Record<string, unknown> {
  for (const [name, part] of Object.entries(load)) {
    const attribute = part.how === "its own attribute" ? attributeOf(name) : name;
    const value = object[attribute];
    if (Array.isArray(value)) {
      for (const each of value) orderLists(each as Record<string, unknown>, part.load);
      if (part.how === "asked") value.sort(byId);
    } else if (typeof value === "object" && value !== null) orderLists(value as Record<string, unknown>, part.load);
  }
  return object;
}

const byId = (left: Plain, right: Plain): number => ((left["id"] as number) < (right["id"] as number) ? -1 : 1);

/** The row with what is loaded along, joined in plain JavaScript. */
export function expectedOf(row: Plain, model: ModelName, load: Load, data: Data): Record<string, unknown> {
  const { friends: _, tags: _tags, ...columns } = row;
  const made: Record<string, unknown> = columns;
  for (const [name, part] of Object.entries(load)) {
    const own = part.how === "its own query" || part.how === "its own attribute";
    let rows = RELATIONS[model][name]!.follow(row, data).toSorted(byId);
    if (own) {
      const turn = part.descending ? -1 : 1;
      const key = ({ num }: Plain): number => (num as number | null) ?? -1;
      rows = rows
        .filter((each) => holds(part.tree, part.to, each, data))
        .toSorted((left, right) => (key(left) - key(right) || byId(left, right)) * turn);
      const from = part.offset ?? 0;
      rows = rows.slice(from, part.limit === null ? undefined : from + part.limit);
    }
    const found = rows.map((each) => expectedOf(each, part.to, part.load, data));
    made[part.how === "its own attribute" ? attributeOf(name) : name] = part.many ? found : (found[0] ?? null);
  }
  return made;
}
