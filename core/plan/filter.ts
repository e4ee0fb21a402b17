import { FieldError, IncompleteInstanceError, OperationalError, typeName } from "../base/errors.js";
import { exact, isnull, notIsnull } from "../lookups/compare.js";
import type { LookupContext } from "../lookups/lookup.js";
import { Expression, type ExpressionNode } from "../query/expression.js";
import { QNode } from "../query/q.js";
import type { QueryState } from "../query/state.js";
import type { Meta } from "../schema/meta.js";
import type { Relation } from "../schema/relation.js";
import type { Encode, Expr, Select } from "../sql/ast.js";
import { buildCompared } from "./expression.js";
import { negate } from "./negate.js";
import { isForward, parseFieldPath, parsePath, type Path } from "./path.js";
import { checkSorts, Scope, Slots } from "./scope.js";
import { countValues, isQuery } from "./shape.js";

/** Builds a query that stands inside another; given by `select.ts`, which needs this file. */
export type BuildInner = (state: QueryState, outer: Scope, slots: Slots, relation: Relation | null) => Select;

/** A condition whose path is taken apart and whose value has its slot. */
interface Leaf {
  readonly kind: "leaf";
  readonly path: Path;
  readonly value: unknown;
  readonly slot: number;
}
type Tree =
  | Leaf
  | { readonly kind: "and" | "or"; readonly items: readonly Tree[] }
  | { readonly kind: "not"; readonly item: Tree };

/** Q trees in, condition out; null when they say nothing. Slots are taken in the order of the shape walk. */
export function buildWhere(where: readonly QNode[], scope: Scope, inner: BuildInner): Expr | null {
  if (where.length === 0) return null;
  const tree = joined(
    "and",
    where.map((q) => treeOf(q, scope)),
  );
  const expr = new Filter(inner).build(tree, scope, false);
  // What says nothing leaves no mark in the shape, so it must leave none in the text.
  const said = expr.kind === "bool" && expr.value ? null : expr;
  scope.tighten(said);
  return said;
}

/** The tree of a Q, its values numbered in the order in which they were collected. */
function treeOf(q: QNode, scope: Scope): Tree {
  const items = q.items.map((item): Tree => {
    if (item instanceof QNode) return treeOf(item, scope);
    const slot = scope.slots.next;
    scope.slots.next += countValues(item.value);
    return { kind: "leaf", path: parsePath(scope.meta, item.path), value: item.value, slot };
  });
  const tree = joined(q.join, items);
  if (!q.negated) return tree;
  return tree.kind === "not" ? tree.item : { kind: "not", item: tree };
}

/** Flat: an AND inside an AND is no part of its own. */
function joined(kind: "and" | "or", items: readonly Tree[]): Tree {
  // An empty tree holds everywhere, whatever joins it.
  if (items.length === 0) return { kind: "and", items };
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  return flat.length === 1 ? flat[0]! : { kind, items: flat };
}

/** A row of a to-many relation that conditions speak of. */
interface Group {
  /** the table whose rows have the relation */
  readonly from: Scope;
  /** the relations on the way, the last of them to-many */
  readonly steps: readonly Relation[];
}

/** Conditions that share rows of to-many relations. */
interface Part {
  readonly items: Tree[];
  readonly groups: readonly Group[];
}

class Filter {
  constructor(readonly inner: BuildInner) {}

  /** The condition, or what holds exactly where it does not. */
  build(tree: Tree, scope: Scope, negated: boolean): Expr {
    switch (tree.kind) {
      case "not": {
        // What is negated asks for rows of its own, wherever it stands.
        const root = rootOf(scope);
        for (let at = scope; at !== root; at = at.outer!) at.correlated = true;
        return this.build(tree.item, root, !negated);
      }
      case "leaf": {
        const [group] = groupsOf(tree, scope);
        return group === undefined ? this.condition(tree, scope, negated) : this.related([tree], group, scope, negated);
      }
      case "or":
        // A row that satisfies one of them, or another row that satisfies another: each asks for itself.
        return combine(
          "or",
          tree.items.map((item) => this.build(item, scope, negated)),
          negated,
        );
      case "and":
        return combine(
          "and",
          partsOf(tree.items, scope).map(({ items, groups: [group] }) =>
            items.length === 1 ? this.build(items[0]!, scope, negated) : this.related(items, group!, scope, negated),
          ),
          negated,
        );
      default:
        return tree satisfies never;
    }
  }

  /** "There is a related row such that …": as a list of keys where the question can be asked alone. */
  private related(items: readonly Tree[], { from, steps }: Group, scope: Scope, negated: boolean): Expr {
    const relation = steps.at(-1)!;
    const { through, target, to } = relation;
    const key = keyOf(from, steps);
    const wanted = through?.table.name ?? target.table.name;
    const alias = from.free(wanted) === wanted ? wanted : from.free(`${from.alias}__${relation.name.trim()}`);
    const place = { outer: scope, prefix: [...from.prefix, ...steps] };
    let rows: Scope;
    let link: Expr;
    if (through === null) {
      rows = new Scope(target, from.dialect, from.slots, alias, place);
      link = rows.column(to);
    } else {
      const column = (name: string): Expr => ({ kind: "column", table: alias, name, nullable: false });
      from.reserve(alias);
      rows = new Scope(target, from.dialect, from.slots, from.free(`${alias}__${target.table.name}`), place);
      rows.standsElsewhere(to, column(through.far), () => rows.joinSelf(column(through.far), to));
      link = column(through.near);
    }
    const where = this.build(joined("and", items), rows, false);
    rows.tighten(where);
    const query = (columns: Expr, more: Expr[]): Select => ({
      ...EMPTY,
      columns: [{ expr: columns, as: null }],
      from: through?.table ?? target.table,
      alias,
      joins: rows.joins,
      where: nothing(combine("and", [...more, where], false)),
    });
    const exists = (condition: boolean): Expr => ({
      kind: "exists",
      query: query({ kind: "literal", value: 1 }, [{ kind: "compare", op: "=", left: link, right: key }]),
      negated: condition,
    });
    const isNone = where.kind === "bool" && !where.value;
    for (let at = scope; at !== from; at = at.outer!) at.correlated = true;
    let found: Expr;
    if (isNone) found = { kind: "bool", value: negated };
    else if (negated || rows.correlated) found = exists(negated);
    else {
      const given: Expr[] =
        link.kind === "column" && link.nullable ? [{ kind: "isNull", item: link, negated: true }] : [];
      found = { kind: "in", left: key, list: query(link, given), negated: false };
    }
    const missing = this.withoutRow(joined("and", items), { from, steps }, scope);
    if (missing.kind === "bool" && !missing.value) return found;
    const none: Expr = {
      kind: "exists",
      negated: !negated,
      query: {
        ...query({ kind: "literal", value: 1 }, []),
        joins: [],
        where: { kind: "compare", op: "=", left: link, right: key },
      },
    };
    return combine("or", [found, combine("and", [none, negated ? negate(missing) : missing], negated)], negated);
  }

  /** What the conditions say where there is no related row: only "is null" holds then. */
  private withoutRow(tree: Tree, group: Group, scope: Scope): Expr {
    switch (tree.kind) {
      case "leaf":
        if (!groupsOf(tree, scope).some((other) => sameGroup(other, group))) return this.build(tree, scope, false);
        return { kind: "bool", value: asksForNull(tree) };
      case "not":
        return this.build(tree, scope, false);
      default:
        return combine(
          tree.kind,
          tree.items.map((item) => this.withoutRow(item, group, scope)),
          false,
        );
    }
  }

  /** One condition on a column that this statement, or one around it, has. */
  private condition({ path, value, slot }: Leaf, scope: Scope, negated: boolean): Expr {
    const { field, lookup, text, relation } = path;
    const { scope: owner, rest } = locate(scope, path.steps);
    const at = owner.at(rest);
    const left = at.column(field);
    if (lookup.bySize) checkSorts(field, scope.dialect, text);
    const encode = keyEncoder(at.kept.byField.get(field)!.encode, relation, text);
    let positive: Expr;
    if (value instanceof Expression) {
      // The comparison itself is the lookup's; only its right side is computed.
      const shape = lookup.build({
        left,
        field,
        path: text,
        encode: (given) => given as never,
        param: () => ({ kind: "param", slot: -1, encode: null }),
        list: () => {
          throw new TypeError(text);
        },
        variant: "",
      });
      positive = buildCompared(shape as Extract<Expr, { kind: "compare" }>, field, value.node, text, {
        dialect: scope.dialect,
        slots: new Slots(slot),
        operand: (name) => {
          const { steps, field: other } = parseFieldPath(rootOf(scope).meta, name);
          const place = locate(scope, steps);
          return { field: other, expr: place.scope.at(place.rest).column(other) };
        },
      });
    } else if (value !== null && typeof value === "object" && isQuery(value)) {
      positive = { kind: "in", left, list: this.inner(value.state, scope, new Slots(slot), relation), negated: false };
    } else {
      const context: LookupContext = {
        left,
        field,
        path: text,
        encode,
        param: (encoder) => ({ kind: "param", slot, encode: encoder }),
        list: (encoder) => ({ kind: "list", slot, encode: encoder }),
        variant: lookup.variant === null ? "" : lookup.variant(value),
      };
      positive = lookup.build(context);
    }
    return certain(negated === lookup.negated ? positive : negate(positive));
  }
}

const EMPTY: Omit<Select, "from" | "alias"> = {
  kind: "select",
  distinct: false,
  columns: [],
  joins: [],
  where: null,
  groupBy: [],
  having: null,
  orderBy: [],
  limit: null,
  offset: null,
};

/** What is known without looking: a column that is never NULL. */
function certain(expr: Expr): Expr {
  if (expr.kind === "isNull" && expr.item.kind === "column" && !expr.item.nullable)
    return { kind: "bool", value: expr.negated };
  return expr;
}

const nothing = (expr: Expr): Expr | null => (expr.kind === "bool" && expr.value ? null : expr);

/** Joins conditions, flat; what is certain vanishes. Negated, the parts are negated already and the word turns. */
function combine(join: "and" | "or", items: readonly Expr[], negated: boolean): Expr {
  const kind = negated ? (join === "and" ? "or" : "and") : join;
  const decides = kind === "or";
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  if (flat.some((item) => item.kind === "bool" && item.value === decides)) return { kind: "bool", value: decides };
  const left = flat.filter((item) => item.kind !== "bool");
  if (left.length === 0) return { kind: "bool", value: !decides };
  return left.length === 1 ? left[0]! : { kind, items: left };
}

/** The innermost table around `scope` whose way is the beginning of this one, and what is left of the way. */
function locate(
  scope: Scope,
  steps: readonly Relation[],
): { readonly scope: Scope; readonly rest: readonly Relation[] } {
  let at = scope;
  while (!startsWith(steps, at.prefix)) {
    at.correlated = true;
    at = at.outer!;
  }
  return { scope: at, rest: steps.slice(at.prefix.length) };
}

const startsWith = (steps: readonly Relation[], prefix: readonly Relation[]): boolean =>
  prefix.length <= steps.length && prefix.every((relation, i) => relation === steps[i]);

function rootOf(scope: Scope): Scope {
  let at = scope;
  while (at.prefix.length > 0) at = at.outer!;
  return at;
}

/** The to-many rows that a condition needs and that no statement around it has yet: at most one for each path. */
function groupsOf(tree: Tree, scope: Scope): Group[] {
  switch (tree.kind) {
    case "leaf":
      return pathsOf(tree, rootOf(scope).meta).flatMap((steps) => {
        let from = scope;
        while (!startsWith(steps, from.prefix)) from = from.outer!;
        const rest = steps.slice(from.prefix.length);
        const many = rest.findIndex((relation) => relation.many);
        return many < 0 ? [] : [{ from, steps: rest.slice(0, many + 1) }];
      });
    case "not":
      // What is negated asks for rows of its own.
      return [];
    default:
      return tree.items.flatMap((item) => groupsOf(item, scope));
  }
}

/** Every way that a condition goes: its own, and those of an expression on its right side. */
function pathsOf({ path, value }: Leaf, meta: Meta): (readonly Relation[])[] {
  return [path.steps, ...(value instanceof Expression ? expressionPaths(value.node, meta) : [])];
}

function expressionPaths(node: ExpressionNode, meta: Meta): (readonly Relation[])[] {
  if (node.kind === "path") return [parseFieldPath(meta, node.path).steps];
  return node.kind === "arithmetic" ? [...expressionPaths(node.left, meta), ...expressionPaths(node.right, meta)] : [];
}

const sameGroup = (one: Group, other: Group): boolean =>
  one.from === other.from && one.steps.length === other.steps.length && startsWith(one.steps, other.steps);

/** Conditions that speak of the same rows stay together. */
function partsOf(items: readonly Tree[], scope: Scope): Part[] {
  let parts: Part[] = [];
  for (const item of items) {
    const groups = groupsOf(item, scope);
    const touched = parts.filter((part) => part.groups.some((one) => groups.some((other) => sameGroup(one, other))));
    if (touched.length === 0) {
      parts.push({ items: [item], groups });
      continue;
    }
    const first = touched[0]!;
    const merged: Part = {
      items: [...touched.flatMap((part) => part.items), item],
      groups: [...touched.flatMap((part) => part.groups), ...groups],
    };
    parts = parts
      .filter((part) => part === first || !touched.includes(part))
      .map((part) => (part === first ? merged : part));
  }
  return parts;
}

/** The value that related rows are found by; a foreign key on the way holds it without a join. */
function keyOf(from: Scope, steps: readonly Relation[]): Expr {
  const relation = steps.at(-1)!;
  const last = steps.at(-2);
  if (last !== undefined && isForward(last) && last.to === relation.from)
    return from.at(steps.slice(0, -2)).column(last.from);
  return from.at(steps.slice(0, -1)).column(relation.from);
}

/** True where the condition holds for a column of a row that is not there. */
function asksForNull({ path: { lookup }, value }: Leaf): boolean {
  return (
    (lookup === exact && value === null) ||
    (lookup === isnull && value === true) ||
    (lookup === notIsnull && value === false)
  );
}

/** An object in place of its key, where the path ends in a relation. */
function keyEncoder(encode: Encode, relation: Relation | null, text: string): Encode {
  return relation === null ? encode : (value) => encode(keyValue(relation, value, text));
}

/** The key of an object that a relation leads to; a key as it is. */
export function keyValue(relation: Relation, value: unknown, where: string): unknown {
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  const { target } = relation;
  if (!Object.prototype.isPrototypeOf.call(target.model.prototype, value))
    throw new FieldError(`"${where}" takes an object of ${target.name} or its key, not ${typeName(value)}`, {
      code: "wrong_model",
      hint: typeof (value as { then?: unknown }).then === "function" ? "wait for it first: await" : null,
    });
  if (target.objects.storedOf(value) === null)
    // The name of a hidden end is nothing that anybody wrote.
    throw new OperationalError(
      `"${relation.hidden ? relation.reverse.name : where}": this ${target.name} is not in the database`,
      {
        code: "not_saved",
        hint: "save it first",
      },
    );
  const { name } = isForward(relation) ? relation.to : target.pk;
  const key = (value as Record<string, unknown>)[name];
  if (key === undefined)
    throw new IncompleteInstanceError(`"${where}": ${target.name}.${name} was not loaded`, {
      hint: "name it in only(…)",
    });
  return key;
}
