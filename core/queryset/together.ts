import { after, type MaybePromise } from "../base/maybe.js";
import type { Client } from "../connection/client.js";
import { homeOf } from "../connection/context.js";
import type { Result, Statement } from "../connection/driver.js";
import { checkConverses } from "../connection/gathered.js";
import {
  firstQuery,
  group,
  joinedBehind,
  joinedTo,
  keysOf,
  loadRelations,
  nodesOf,
  spread,
  type Children,
  type Node,
} from "../load/prefetch.js";
import { bind, planSelect, type Plan } from "../plan/plan.js";
import type { PrefetchRequest, QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Dialect } from "../sql/dialect.js";
import { checkLockable, loaderFor } from "./run.js";
import { joinPart, splitWide } from "./wide.js";

// Rows and what is related to them, asked for in one request: each statement names its parents by the query that gives them.

/** A relation that is loaded by the same request, or leads to what is. */
interface Branch {
  readonly node: Node;
  /** null: its objects came with the rows */
  readonly asked: { readonly plan: Plan; readonly at: number } | null;
  readonly inner: readonly Branch[];
}

/** What is loaded with the rows of a query. */
interface Together {
  readonly branches: readonly Branch[];
  readonly statements: readonly Statement[];
  /** what another request has to load, because it is on another connection */
  readonly elsewhere: readonly PrefetchRequest[];
}

/** What relation fields bring to fetch rows and what is related to them at once. */
export interface Fetching {
  readonly fetchTogether: typeof fetchTogether;
}

/** True for a relation whose objects are on another connection. */
type Elsewhere = (relation: Relation) => boolean;

/** The rows, all that comes along with them and their relations in one request; with the parents of each where the query is for some. */
export function fetchTogether(state: QueryState, meta: Meta, client: Client): MaybePromise<Children> {
  const { dialect } = client;
  const root = steadied(state);
  const split = dialect.limits === undefined ? null : splitWide(root, meta, dialect.limits);
  const parts = split === null ? [root] : [split.first, ...split.others.map(({ query }) => query)];
  const planned = parts.map((part) => planSelect(part, meta, dialect));
  if (state.access !== null) checkLockable(state.access, client);
  const isWhole = canBeAskedTwice(root, planned[0]!.plan);
  if (split !== null && !isWhole) planSelect(root, meta, dialect);
  const isElsewhere: Elsewhere = ({ meta: near, target }) =>
    (state.using === null || state.using === client) && homeOf(near) !== homeOf(target);
  const branches = isWhole && client.together ? planTogether(root, meta, dialect, isElsewhere) : null;
  if (root.prefetch.length > 0 && (branches === null || branches.elsewhere.length > 0))
    checkConverses(client, `${meta.name}: prefetchRelated()`);
  const statements = [
    ...planned.map(({ plan, values }) => ({ sql: plan.sql, params: bind(plan.binders, values) })),
    ...(branches?.statements ?? []),
  ];
  return after(client.batch(statements), (results) => {
    const { parentOf } = planned[0]!.plan;
    const parents = parentOf === null ? [] : results[0]!.rows.map((row) => parentOf(row));
    const [objects = [], ...others] = planned.map(({ plan }, i) =>
      results[i]!.rows.map((row) => plan.read(row) as object),
    );
    others.forEach((part, i) => joinPart(objects, part, split!.others[i]!.relations, meta));
    if (branches !== null) loadTogether(objects, branches, results.slice(parts.length));
    const left = branches === null ? root.prefetch : branches.elsewhere;
    const children = { objects, parents };
    if (left.length === 0) return children;
    return after(loadRelations(objects, meta, left, root.related, loaderFor(client, state.using)), () => children);
  });
}

/** What is cut off must be the same in every statement, so the order has to be one. */
function steadied(state: QueryState): QueryState {
  if (state.single || !state.isCut) return state;
  const next = state.copy();
  next.keyed = true;
  return next;
}

/** What a query inside others can have of a query for rows: which they are. */
function rowsOnly(state: QueryState): QueryState {
  const next = state.copy();
  next.related = [];
  next.prefetch = [];
  next.only = null;
  return next;
}

/** Its rows can be named by the query again: they are the same, nobody locks them, and it is whole by itself. */
const canBeAskedTwice = ({ access, from }: QueryState, { isSteady }: Plan): boolean =>
  isSteady && from === null && (access?.lock ?? null) === null;

/** The statements of a query's relations; null where one of them could find other parents than the rows that are read. */
function planTogether(state: QueryState, meta: Meta, dialect: Dialect, isElsewhere: Elsewhere): Together | null {
  const statements: Statement[] = [];
  const elsewhere: PrefetchRequest[] = [];
  let isSteady = true;

  const branchesOf = (
    parent: QueryState,
    from: Meta,
    requests: readonly PrefetchRequest[],
    joined: readonly string[],
    via: readonly Relation[],
  ): Branch[] =>
    nodesOf(requests, from).map((node): Branch => {
      const { relation, query, inner } = node;
      const { name, target } = relation;
      const behind = joinedBehind(joined, name);
      if (query === null && (joined.includes(name) || behind.length > 0))
        return { node, asked: null, inner: branchesOf(parent, target, inner, behind, [...via, relation]) };
      const next = query === null ? firstQuery(relation) : query.copy();
      const deeper = [...next.prefetch, ...inner];
      next.prefetch = [];
      next.parents = { relation, keys: { query: rowsOnly(parent), via } };
      const { plan, values } = planSelect(next, target, dialect);
      const asked = { plan, at: statements.push({ sql: plan.sql, params: bind(plan.binders, values) }) - 1 };
      if (deeper.length > 0 && !canBeAskedTwice(next, plan)) isSteady = false;
      if (deeper.length > 0 && nodesOf(deeper, target).some((each) => isElsewhere(each.relation))) isSteady = false;
      return { node, asked, inner: branchesOf(next, target, deeper, next.related, []) };
    });

  const near = state.prefetch.filter((request) => {
    const [first] = nodesOf([request], meta);
    if (!isElsewhere(first!.relation)) return true;
    elsewhere.push(request);
    return false;
  });
  const branches = branchesOf(state, meta, near, state.related, []);
  return isSteady ? { branches, statements, elsewhere } : null;
}

/** Gives objects what was found for them. */
function loadTogether(
  objects: readonly object[],
  { branches }: Pick<Together, "branches">,
  results: readonly Result[],
): void {
  for (const { node, asked, inner } of branches) {
    if (asked === null) {
      loadTogether(joinedTo(objects, node.relation), { branches: inner }, results);
      continue;
    }
    const { read, parentOf } = asked.plan;
    const rows = results[asked.at]!.rows;
    const parents = rows.map((row) => parentOf!(row));
    const found = rows.map((row) => read(row) as object);
    loadTogether(found, { branches: inner }, results);
    // What was not read of an object cannot say what belongs to it.
    keysOf(objects, node.relation);
    const groups = new Map<unknown, object[]>();
    group({ objects: found, parents }, groups);
    spread(objects, node, groups);
  }
}
