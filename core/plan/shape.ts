import { FieldError, ParamsError, typeName } from "../base/errors.js";
import { wrongValue } from "../lookups/compare.js";
import type { Expression, Step, Walk } from "../query/expression.js";
import { isExpression } from "../query/is-expression.js";
import type { Access } from "../query/locking.js";
import type { NamedQuery } from "../query/named.js";
import { QNode, type Condition } from "../query/q.js";
import { isKeys, QueryState, type Annotation, type ParentRows, type Selection } from "../query/state.js";
import { metaOf, type Meta } from "../schema/meta.js";
import type { Dialect } from "../sql/dialect.js";
import type { Kept } from "./kept.js";
import { parsePath, type Path } from "./path.js";

/** What the nodes of a tree know of whose plans they are. */
interface Root extends Pick<Kept, "grow"> {
  readonly dialect: Pick<Dialect, "lists">;
}

/**
 * Plans are found by walking a tree: every step says one thing about the statement that is not a value. The walk
 * collects the values on the way, so one pass over a query gives both its plan and its parameters.
 */
export class ShapeNode implements Step {
  /** what was made for the shape that ends here */
  plan: unknown = null;
  /** the filter key that led here, taken apart once */
  path: Path | null = null;
  #next: Map<unknown, ShapeNode> | null = null;
  #lastKey: unknown = undefined;
  #lastNode: ShapeNode | null = null;

  constructor(readonly kept: Root) {}

  step(key: unknown): ShapeNode {
    if (key === this.#lastKey && this.#lastNode !== null) return this.#lastNode;
    this.#next ??= new Map();
    let node = this.#next.get(key);
    if (node === undefined) {
      node = new ShapeNode(this.kept);
      this.#next.set(key, node);
      this.kept.grow();
    }
    this.#lastKey = key;
    this.#lastNode = node;
    return node;
  }
}

// Steps that are no names. A filter key can be any text, so these are symbols.
const OPEN = Symbol("(");
const CLOSE = Symbol(")");
const ORDER = Symbol("order");
const REVERSED = Symbol("reversed");
const LIMIT = Symbol("limit");
const OFFSET = Symbol("offset");
const DISTINCT = Symbol("distinct");
const ONLY = Symbol("only");
const NAMES = Symbol("names");
const QUERY = Symbol("query");
const TRUTH = Symbol("truth");
const EXPRESSION = Symbol("expression");
const VARIANT = Symbol("variant");
const WIDTH = Symbol("width");
const KEYED = Symbol("keyed");
const SINGLE = Symbol("single");
const OUTPUT = Symbol("output");
const RELATED = Symbol("related");
const ANNOTATE = Symbol("annotate");
const ANNOTATE_GROUP = Symbol("annotate group");
const GROUP = Symbol("group");
const PARENTS = Symbol("parents");
const LOCK = Symbol("lock");
const HINT = Symbol("hint");
const FROM = Symbol("from");

/** Walks a query from the root of its kind; `values` receives the values in the order of the statement's slots. */
export function walkState(state: QueryState, root: ShapeNode, meta: Meta, values: unknown[]): ShapeNode {
  let node = root;
  const { where, annotations } = state;
  const names: Names = annotations.length === 0 ? meta : { ...meta, annotations };
  if (state.from !== null) node = state.from.walk(node.step(FROM), walkOf(meta, values)) as ShapeNode;
  for (let i = 0; i < annotations.length; i++) {
    const { name, expression, ofGroup } = annotations[i]!;
    node = expression.walk(
      node.step(ofGroup ? ANNOTATE_GROUP : ANNOTATE).step(name),
      walkOf(names, values),
    ) as ShapeNode;
  }
  if (state.groupBy !== null) node = walkNames(state.groupBy, node.step(GROUP));
  for (let i = 0; i < where.length; i++) node = walkTop(where[i]!, node, names, values);
  if (state.orderBy !== null) node = walkNames(state.orderBy, node.step(ORDER));
  else if (state.single && meta.ordering.length > 0) node = node.step(SINGLE);
  if (state.reversed) node = node.step(REVERSED);
  if (state.keyed) node = node.step(KEYED);
  if (state.distinct) node = node.step(DISTINCT);
  if (state.only !== null) node = walkNames(state.only, node.step(ONLY));
  if (state.output.kind !== "objects") {
    node = node.step(OUTPUT).step(state.output.kind);
    if (state.output.names !== null) node = walkSelections(state.output.names, node.step(NAMES));
  }
  if (state.access !== null) node = walkAccess(state.access, node);
  if (state.related.length > 0) node = walkNames(state.related, node.step(RELATED));
  if (state.parents !== null) {
    const { relation, keys } = state.parents;
    node = node.step(PARENTS).step(relation);
    if (isKeys(keys)) {
      node = walkList(keys, node);
      values.push(keys);
    } else node = walkParentRows(keys, node, values);
  }
  return walkSlice(state, node, values);
}

/** The query that gives the parents is part of the shape. */
function walkParentRows({ query, via }: ParentRows, start: ShapeNode, values: unknown[]): ShapeNode {
  const inner = metaOf(query.model);
  let node = start.step(QUERY).step(inner).step(query.none);
  for (const relation of via) node = node.step(relation);
  return walkState(query, node.step(OPEN), inner, values).step(CLOSE);
}

/** A model, and the computed values of the query that names it. */
interface Names extends Meta {
  readonly annotations?: readonly Annotation[];
}

/** What an expression may ask on its walk. */
export const walkOf = (meta: Names, values: unknown[]): Walk => ({
  values,
  where: (q, at) => walkTree(q, at as ShapeNode, meta, values),
  query(state, at) {
    const inner = metaOf(state.model);
    return walkState(state, (at as ShapeNode).step(QUERY).step(inner).step(state.none), inner, values).step(CLOSE);
  },
});

/** How many values a condition's value, an expression or a named query gives: as many as the walk collects. */
export function countValues(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const values: unknown[] = [];
  if (typeof (value as Partial<NamedQuery>).walk === "function") (value as NamedQuery).walk(aside(), loose(values));
  else if (isQuery(value)) walkState(value.state, aside(), metaOf(value.state.model), values);
  else return 1;
  return values.length;
}

/** A walk that only counts: conditions have as many values as they have, whatever they mean. */
const loose = (values: unknown[]): Walk => ({
  ...walkOf(null as never, values),
  where(q, at) {
    countTree(q, values);
    return at;
  },
});

function countTree(q: QNode, values: unknown[]): void {
  for (const item of q.items) {
    if (item instanceof QNode) countTree(item, values);
    else values.length += countValues(item.value);
  }
}

/** A root that nobody keeps. */
const aside = (): ShapeNode => new ShapeNode({ grow() {}, dialect: { lists: "json" } });

function walkAccess({ lock, hint }: Access, start: ShapeNode): ShapeNode {
  const node = lock === null ? start : walkNames(lock.of, start.step(LOCK).step(lock.busy));
  return hint === null ? node : walkNames(hint.names, node.step(HINT).step(hint.kind));
}

/** The part of the walk that LIMIT and OFFSET take: values, not shape. */
function walkSlice({ limit, offset, parents }: QueryState, start: ShapeNode, values: unknown[]): ShapeNode {
  let node = start;
  if (limit !== null) {
    node = node.step(LIMIT);
    if (isWritten(limit) && parents === null) node = node.step(limit);
    else values.push(limit);
  }
  if (offset !== null) {
    node = node.step(OFFSET);
    values.push(offset);
  }
  return node;
}

/** The limits of `get` and `first` are part of the text; others are parameters, so that pages share a plan. */
export const isWritten = (limit: number): boolean => limit <= 2;

/** Plain ANDs leave no mark, so that `filter(a).filter(b)` and `filter(a, b)` share a plan. */
function walkTop(q: QNode, start: ShapeNode, meta: Names, values: unknown[]): ShapeNode {
  if (q.negated || q.join === "or") return walkTree(q, start, meta, values);
  let node = start;
  const { items } = q;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    node = item instanceof QNode ? walkTop(item, node, meta, values) : walkCondition(item, node, meta, values);
  }
  return node;
}

function walkTree(q: QNode, start: ShapeNode, meta: Names, values: unknown[]): ShapeNode {
  let node = start.step(OPEN).step(q.join).step(q.negated);
  for (const item of q.items) {
    node = item instanceof QNode ? walkTree(item, node, meta, values) : walkCondition(item, node, meta, values);
  }
  return node.step(CLOSE);
}

function walkCondition(
  { path, value, isTruth }: Condition,
  start: ShapeNode,
  meta: Names,
  values: unknown[],
): ShapeNode {
  if (isTruth === true) return (value as Expression).walk(start.step(TRUTH), walkOf(meta, values)) as ShapeNode;
  const node = start.step(path);
  const parsed = (node.path ??= parsePath(meta, path, meta.annotations));
  const { lookup } = parsed;
  if (value !== null && typeof value === "object") {
    if (isExpression(value) || isQuery(value)) return walkComputed(parsed, value, node, meta, values);
  }
  if (value === null ? !lookup.takesNull : lookup.accepts !== null && !lookup.accepts(value))
    throw refuse(parsed, value);
  values.push(value);
  const sized = lookup.takesList && Array.isArray(value) ? walkList(value, node) : node;
  if (lookup.variant === null) return sized;
  const variant = lookup.variant(value);
  return variant === "" ? sized : sized.step(VARIANT).step(variant);
}

/** A list is part of the text where each of its elements has a placeholder. */
const walkList = (items: readonly unknown[], node: ShapeNode): ShapeNode =>
  node.kept.dialect.lists === "json" ? node : node.step(WIDTH).step(listWidth(items, node.kept.dialect));

/** How many placeholders a list takes: few widths serve all lists, so that few plans do. Null has none. */
export function listWidth(items: readonly unknown[], { lists }: Pick<Dialect, "lists">): number {
  if (lists === "json") return 1;
  let count = 0;
  for (let i = 0; i < items.length; i++) if (items[i] !== null) count++;
  if (count > WIDEST) return Math.ceil(count / WIDEST) * WIDEST;
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

/** Beyond this, twice as many placeholders would be too many for a statement. */
const WIDEST = 8192;

function refuse({ text, lookup, field }: Path, value: unknown): Error {
  if (value === null)
    return new FieldError(`"${text}" cannot be compared with null`, {
      code: "null_value",
      hint: `write ${field.name}: null or ${field.name}__isnull: true`,
    });
  return wrongValue(text, lookup.expects!, typeName(value));
}

/** True for a query set: the layers above are known here only by the record they carry. */
export function isQuery(value: object): value is { readonly state: QueryState } {
  return (value as { state?: unknown }).state instanceof QueryState;
}

/** F("x") or a query in place of a value. */
function walkComputed(
  { text, lookup, relation }: Path,
  value: object,
  start: ShapeNode,
  meta: Names,
  values: unknown[],
): ShapeNode {
  if (isExpression(value)) {
    if (!lookup.takesExpression)
      throw new FieldError(`"${text}" cannot be compared with an expression`, {
        code: "bad_value",
        hint: "F() stands with =, __not, __gt, __gte, __lt and __lte",
      });
    return value.walk(start.step(EXPRESSION), walkOf(meta, values)) as ShapeNode;
  }
  const { state } = value as { state: QueryState };
  if (!lookup.takesList)
    throw new FieldError(`"${text}" cannot be compared with a query set`, {
      code: "bad_value",
      hint: "use __in or __not_in",
    });
  // The query itself is part of the shape; its model is, too.
  const inner = metaOf(state.model);
  if (relation !== null && state.output.kind === "objects" && inner !== relation.target)
    throw new FieldError(`"${text}" takes a query set of ${relation.target.name}, not of ${inner.name}`, {
      code: "wrong_model",
    });
  return walkState(state, start.step(QUERY).step(inner).step(state.none), inner, values).step(CLOSE);
}

/** The steps of names in order. */
export function walkNames(names: readonly string[], start: ShapeNode): ShapeNode {
  let node = start;
  for (let i = 0; i < names.length; i++) node = node.step(names[i]);
  return node.step(CLOSE);
}

function walkSelections(names: readonly Selection[], start: ShapeNode): ShapeNode {
  let node = start;
  for (let i = 0; i < names.length; i++) {
    const { as, path } = names[i]!;
    node = as === path ? node.step(path) : node.step(OPEN).step(as).step(path);
  }
  return node.step(CLOSE);
}

/** Refuses a LIMIT or OFFSET that is not a whole number from 0. */
export function checkCount(value: unknown, call: string): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw new ParamsError(
    `${call}() takes a whole number from 0, not ${typeof value === "number" ? "this number" : typeName(value)}`,
  );
}
