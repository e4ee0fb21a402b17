import type { Result, Statement } from "../connection/driver.js";
import { firstQuery, group, joinedBehind, joinedTo, keysOf, nodesOf, spread, type Node } from "../load/prefetch.js";
import { bind, planSelect, type Plan } from "../plan/plan.js";
import type { PrefetchRequest, QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Dialect } from "../sql/dialect.js";

// Rows and what is related to them, asked for in one request: each statement names its parents by the query that gives them.

/** A relation that is loaded by the same request, or leads to what is. */
interface Branch {
  readonly node: Node;
  /** null: its objects came with the rows */
  readonly asked: { readonly plan: Plan; readonly at: number } | null;
  readonly inner: readonly Branch[];
}

/** What is loaded with the rows of a query. */
export interface Together {
  readonly branches: readonly Branch[];
  readonly statements: readonly Statement[];
  /** what another request has to load, because it is on another connection */
  readonly elsewhere: readonly PrefetchRequest[];
}

/** True for a relation whose objects are on another connection. */
export type Elsewhere = (relation: Relation) => boolean;

/** What a query inside others can have of a query for rows: which they are. */
function rowsOnly(state: QueryState): QueryState {
  const next = state.copy();
  next.related = [];
  next.prefetch = [];
  next.only = null;
  return next;
}

/** Its rows can be named by the query again: they are the same, nobody locks them, and it is whole by itself. */
export const canBeAskedTwice = ({ access, from }: QueryState, { isSteady }: Plan): boolean =>
  isSteady && from === null && (access?.lock ?? null) === null;

/** The statements of a query's relations; null where one of them could find other parents than the rows that are read. */
export function planTogether(state: QueryState, meta: Meta, dialect: Dialect, isElsewhere: Elsewhere): Together | null {
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
export function loadTogether(
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
