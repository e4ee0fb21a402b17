import { IncompleteInstanceError, ParamsError } from "../base/errors.js";
import { after, inOrder, type MaybePromise } from "../base/maybe.js";
import { startOf } from "../query/start.js";
import { QueryState, type PrefetchRequest } from "../query/state.js";
import { knownNames, type Meta } from "../schema/meta.js";
import { noRelation, type Relation } from "../schema/relation.js";

type Row = Record<string, unknown>;

/** The rows of a query for parents, and the key of the parent of each. */
export interface Children {
  readonly objects: readonly object[];
  readonly parents: readonly unknown[];
}

/** How relations are asked for; given by the layers above. */
export interface Loader {
  readonly ask: (state: QueryState) => MaybePromise<Children>;
  /** where to ask; null: on the connection of the relation's own model */
  readonly usingFor: (relation: Relation) => unknown;
  /** keys of one statement */
  readonly most: number;
}

/** What relation fields bring to load what they lead to. */
export interface Loading {
  readonly loadRelations: typeof loadRelations;
}

/** One relation of one model to load, and what to load from its objects. */
export interface Node {
  readonly relation: Relation;
  query: QueryState | null;
  readonly toAttr: string | null;
  readonly inner: PrefetchRequest[];
}

/** Loads relations of objects: one statement for each, whatever the number of objects. `joined`: paths that came with the rows. */
export function loadRelations(
  objects: readonly object[],
  meta: Meta,
  requests: readonly PrefetchRequest[],
  joined: readonly string[],
  loader: Loader,
): MaybePromise<unknown> {
  const nodes = nodesOf(requests, meta);
  if (objects.length === 0) return undefined;
  const started: MaybePromise<unknown>[] = [];
  for (const node of nodes) {
    try {
      started.push(loadNode(objects, node, joined, loader));
    } catch (error) {
      // Those that are under way must not fail unheard.
      started.push(Promise.reject(error as Error));
      break;
    }
  }
  return started.some((each) => each instanceof Promise) ? Promise.all(started) : undefined;
}

/** Paths that begin alike are one relation, loaded once. */
export function nodesOf(requests: readonly PrefetchRequest[], meta: Meta): Node[] {
  const nodes: Node[] = [];
  for (const { path, query, toAttr } of requests) {
    const at = path.indexOf("__");
    const name = at < 0 ? path : path.slice(0, at);
    const relation = meta.relations.get(name);
    if (relation === undefined || relation.hidden) throw noRelation(meta, path);
    const attribute = at < 0 ? toAttr : null;
    let node = nodes.find((each) => each.relation === relation && each.toAttr === attribute);
    if (node === undefined) nodes.push((node = { relation, query: null, toAttr: attribute, inner: [] }));
    if (at >= 0) node.inner.push({ path: path.slice(at + 2), query, toAttr });
    else if (query !== null) {
      if (node.query !== null)
        throw new ParamsError(`prefetchRelated(): "${path}" is asked for twice, with different queries`, {
          hint: "give one of them another attribute: { toAttr: … }",
        });
      checkQuery(node, query, meta);
      node.query = query;
    }
  }
  return nodes;
}

function checkQuery({ relation, toAttr }: Node, query: QueryState, meta: Meta): void {
  if (query.model !== relation.target.model)
    throw new ParamsError(`Prefetch("${relation.name}") takes a query set of ${relation.target.name}`, {
      code: "wrong_model",
    });
  if (toAttr !== null && (toAttr === "pk" || meta.field.has(toAttr) || toAttr in (meta.model.prototype as object)))
    throw new ParamsError(`Prefetch(): ${meta.name}.${toAttr} is there already`, {
      code: "to_attr",
      hint: `choose a name that is none of ${knownNames(meta)}`,
    });
}

function loadNode(
  objects: readonly object[],
  node: Node,
  joined: readonly string[],
  loader: Loader,
): MaybePromise<unknown> {
  const { relation, query, inner } = node;
  const { name, target } = relation;
  const deeper = joinedBehind(joined, name);
  if (query === null && (joined.includes(name) || deeper.length > 0)) {
    const there = joinedTo(objects, relation);
    return loadRelations(there, target, inner, deeper, loader);
  }
  const keys = keysOf(objects, relation);
  if (keys.length === 0) {
    if (inner.length > 0) nodesOf(inner, target);
    return spread(objects, node, new Map());
  }
  const next = query === null ? firstQuery(relation) : query.copy();
  next.prefetch = [...next.prefetch, ...inner];
  next.using = loader.usingFor(relation) ?? next.using;
  const groups = new Map<unknown, object[]>();
  const chunks: unknown[][] = [];
  for (let at = 0; at < keys.length; at += loader.most) chunks.push(keys.slice(at, at + loader.most));
  return after(
    inOrder(chunks, (chunk) => {
      const asked = next.copy();
      asked.parents = { relation, keys: chunk };
      return after(loader.ask(asked), (children) => group(children, groups));
    }),
    () => spread(objects, node, groups),
  );
}

/** The paths that came with the rows behind a relation. */
export const joinedBehind = (joined: readonly string[], name: string): string[] =>
  joined.filter((path) => path.startsWith(`${name}__`)).map((path) => path.slice(name.length + 2));

/** The objects that came with the rows over a to-one relation. */
export const joinedTo = (objects: readonly object[], { name }: Relation): object[] =>
  objects.map((object) => (object as Row)[name] as object | null).filter((object) => object !== null);

/**
 * The target's manager says which rows there are for others to have. What a row points to itself is what it points to, as with
 * `selectRelated`: the attribute promises an object.
 */
export const firstQuery = ({ target, many, backward }: Relation): QueryState =>
  many || backward ? startOf(target) : new QueryState(target.model);

/** What the relation starts from, in each object once. */
export function keysOf(objects: readonly object[], relation: Relation): unknown[] {
  const { name } = relation.from;
  const keys = new Map<unknown, unknown>();
  for (const object of objects) {
    const key = keyIn(object as Row, relation);
    if (key === undefined)
      throw new IncompleteInstanceError(
        `${relation.meta.name}.${relation.name} cannot be loaded: ${name} was not loaded itself`,
        { hint: `name it in only(…)` },
      );
    if (key !== null) keys.set(comparable(key), key);
  }
  return [...keys.values()];
}

/** What the relation starts from, as the database spells it: a program may have assigned the same in another form. */
function keyIn(object: Row, { from }: Relation): unknown {
  const key = object[from.name];
  return typeof key === "number" || key === null || key === undefined ? key : from.clean(key);
}

export function group({ objects, parents }: Children, groups: Map<unknown, object[]>): void {
  for (let i = 0; i < objects.length; i++) {
    const key = comparable(parents[i]);
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [objects[i]!]);
    else found.push(objects[i]!);
  }
}

/** A key that equals another where the database says so: Dates and bytes are compared by what they hold. */
const comparable = (key: unknown): unknown => (typeof key === "object" && key !== null ? JSON.stringify(key) : key);

/** Gives each object what was found for it. */
export function spread(
  objects: readonly object[],
  { relation, toAttr }: Node,
  groups: ReadonlyMap<unknown, object[]>,
): void {
  const { many, meta } = relation;
  const { relate } = meta.objects;
  for (const object of objects) {
    const found = groups.get(comparable(keyIn(object as Row, relation)));
    if (toAttr !== null) (object as Row)[toAttr] = many ? (found ?? []) : (found?.[0] ?? null);
    else relate(object, relation, many ? (found ?? []) : (found?.[0] ?? null));
  }
}
