import type { Relation } from "../schema/relation.js";
import type { Expr, Select } from "../sql/ast.js";
import {
  asksForNull,
  combine,
  groupsOf,
  joined,
  nothing,
  sameGroup,
  type Filter,
  type Group,
  type Tree,
} from "./filter.js";
import { negate } from "./negate.js";
import { PLAIN } from "./parts.js";
import { isForward } from "./path.js";
import { Scope } from "./scope.js";

/** What relation fields bring to filter by what they lead to. */
export interface AskRelated {
  readonly relatedRow: typeof relatedRow;
}

/** "There is a related row such that …": as a list of keys where the question can be asked alone. */
export function relatedRow(filter: Filter, items: readonly Tree[], group: Group, scope: Scope, negated: boolean): Expr {
  const { from } = group;
  const { rows, link, key, query } = relatedRows(group, scope);
  const where = filter.build(joined("and", items), rows, false);
  rows.tighten(where);
  const one: Expr = { kind: "literal", value: 1 };
  const isOwn: Expr = { kind: "compare", op: "=", left: link, right: key };
  for (let at = scope; at !== from; at = at.outer!) at.correlated = true;
  let found: Expr;
  if (where.kind === "bool" && !where.value) found = { kind: "bool", value: negated };
  else if (negated || rows.correlated)
    found = { kind: "exists", query: query(one, combine("and", [isOwn, where], false)), negated };
  else {
    const given: Expr = link.kind === "column" && link.nullable ? { kind: "isNull", item: link, negated: true } : YES;
    found = { kind: "in", left: key, list: query(link, combine("and", [given, where], false)), negated: false };
  }
  const missing = withoutRow(filter, joined("and", items), group, scope);
  if (missing.kind === "bool" && !missing.value) return found;
  const none: Expr = { kind: "exists", negated: !negated, query: { ...query(one, isOwn), joins: [] } };
  return combine("or", [found, combine("and", [none, negated ? negate(missing) : missing], negated)], negated);
}

/** What the conditions say where there is no related row: only "is null" holds then. */
function withoutRow(filter: Filter, tree: Tree, group: Group, scope: Scope): Expr {
  switch (tree.kind) {
    case "leaf":
      if (!groupsOf(tree, scope).some((other) => sameGroup(other, group))) return filter.build(tree, scope, false);
      return { kind: "bool", value: asksForNull(tree) };
    case "truth":
    case "not":
      return filter.build(tree, scope, false);
    default:
      return combine(
        tree.kind,
        tree.items.map((item) => withoutRow(filter, item, group, scope)),
        false,
      );
  }
}

const YES: Expr = { kind: "bool", value: true };

/** A statement about the rows at the end of a relation. */
interface RowsOf {
  readonly rows: Scope;
  /** what says whose they are */
  readonly link: Expr;
  /** whose they must be */
  readonly key: Expr;
  readonly query: (column: Expr, where: Expr) => Select;
}

export function relatedRows({ from, steps }: Group, scope: Scope): RowsOf {
  const { through, target, to, name } = steps.at(-1)!;
  const key = keyOf(from, steps);
  const wanted = through?.table.name ?? target.table.name;
  // Names of all tables around it are taken: any of them may be asked for a column in here.
  const alias = scope.free(wanted) === wanted ? wanted : scope.free(`${from.alias}__${name.trim()}`);
  const place = { outer: scope, prefix: [...from.prefix, ...steps] };
  let rows: Scope;
  let link: Expr;
  if (through === null) {
    rows = new Scope(target, from.dialect, from.slots, alias, place);
    link = rows.column(to);
  } else {
    const column = (column: string): Expr => ({ kind: "column", table: alias, name: column, nullable: false });
    rows = new Scope(target, from.dialect, from.slots, scope.free(`${alias}__${target.table.name}`), place);
    rows.claim(alias);
    rows.standsElsewhere(to, column(through.far), () => rows.joinSelf(column(through.far), to));
    link = column(through.near);
  }
  const query = (column: Expr, where: Expr): Select => ({
    ...PLAIN,
    columns: [{ expr: column, as: null }],
    from: through?.table ?? target.table,
    alias,
    joins: rows.joins,
    where: nothing(where),
    ...rows.with,
  });
  return { rows, link, key, query };
}

/** The value that related rows are found by; a foreign key on the way holds it without a join. */
function keyOf(from: Scope, steps: readonly Relation[]): Expr {
  const relation = steps.at(-1)!;
  const last = steps.at(-2);
  if (last !== undefined && isForward(last) && last.to === relation.from)
    return from.at(steps.slice(0, -2)).column(last.from);
  return from.at(steps.slice(0, -1)).column(relation.from);
}
