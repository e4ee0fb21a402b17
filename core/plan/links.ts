import { inList } from "../lookups/compare.js";
import type { Relation } from "../schema/relation.js";
import type { Delete, Expr, Insert, Select } from "../sql/ast.js";
import { compile, type Compiled } from "../sql/compile.js";
import type { Dialect } from "../sql/dialect.js";
import { asRead, keptFor, type Column } from "./kept.js";
import { negate } from "./negate.js";
import { PLAIN } from "./parts.js";
import { planAt } from "./plan.js";

/**
 * What is done with the pairs of a many-to-many relation of one object. A number: that many are inserted, and those that are there
 * stay. find: which of the given are there. remove: those that are given go. keep: the others go. clear: all go.
 */
export type LinkStatement = number | "find" | "remove" | "keep" | "clear";

/** Its values are the object's key and the list of the others, or one by one where they are inserted. `width`: of that list. */
export function planLinks(what: LinkStatement, relation: Relation, dialect: Dialect, width: number): Compiled {
  const node = keptFor(relation.meta, dialect).root("links").step(relation).step(what).step(width);
  return planAt(node, () => compile(build(what, relation, dialect, width), dialect));
}

/** A pair whose ends are parameters, or found in the database. */
export interface PairEnds {
  /** null: a parameter, in slot 0 */
  readonly near: Expr | null;
  /** null: a parameter, in slot 1 */
  readonly far: Expr | null;
}

/** INSERT of one pair that is not there. */
export function planPair(relation: Relation, dialect: Dialect, { near, far }: PairEnds): Compiled {
  const make = (): Compiled => compile(buildPair(relation, dialect, { near, far }), dialect);
  if (near !== null || far !== null) return make();
  return planAt(keptFor(relation.meta, dialect).root("pair").step(relation), make);
}

function buildPair(relation: Relation, dialect: Dialect, { near, far }: PairEnds): Insert {
  const { through, meta, target, from, to } = relation;
  const { table, near: nearColumn, far: farColumn, unique } = through!;
  const ends: readonly (readonly [column: string, value: Expr])[] = [
    [nearColumn, near ?? param(0, keptFor(meta, dialect).byField.get(from)!)],
    [farColumn, far ?? param(1, keptFor(target, dialect).byField.get(to)!)],
  ];
  const insert: Insert = {
    kind: "insert",
    table,
    columns: ends.map(([column]) => column),
    rows: [ends.map(([, value]) => value)],
    conflict: unique ? { target: [], set: null, key: nearColumn, counted: false } : null,
    returning: [],
  };
  if (unique) return insert;
  const unless: Select = {
    ...PLAIN,
    columns: [{ expr: { kind: "literal", value: 1 }, as: null }],
    from: table,
    alias: table.name,
    where: {
      kind: "and",
      items: ends.map(([name, right]) => ({
        kind: "compare",
        op: "=",
        left: { kind: "column", table: table.name, name, nullable: false },
        right,
      })),
    },
  };
  return { ...insert, unless };
}

const param = (slot: number, { encode }: Column): Expr => ({ kind: "param", slot, encode });

function build(what: LinkStatement, relation: Relation, dialect: Dialect, width: number): Insert | Select | Delete {
  const { through, meta, target, from, to } = relation;
  const { table, near, far } = through!;
  const nearColumn = keptFor(meta, dialect).byField.get(from)!;
  const farColumn = keptFor(target, dialect).byField.get(to)!;
  const column = (name: string): Expr => ({ kind: "column", table: table.name, name, nullable: false });
  if (typeof what === "number")
    return {
      kind: "insert",
      table,
      columns: [near, far],
      rows: Array.from({ length: what }, (_, i) => [param(0, nearColumn), param(i + 1, farColumn)]),
      conflict: through!.unique ? { target: [], set: null, key: near, counted: false } : null,
      returning: [],
    };
  const own: Expr = { kind: "compare", op: "=", left: column(near), right: param(0, nearColumn) };
  if (what === "clear") return { kind: "delete", table, where: own };
  const listed = inList.build({
    left: column(far),
    field: to,
    path: relation.name,
    encode: farColumn.encode,
    param: (encode) => ({ kind: "param", slot: 1, encode }),
    list: (encode) => ({ kind: "list", slot: 1, width, encode }),
    dialect,
    variant: "",
  });
  const where: Expr = { kind: "and", items: [own, what === "keep" ? negate(listed) : listed] };
  if (what !== "find") return { kind: "delete", table, where };
  const read: Expr = asRead(column(far), farColumn.codec);
  const columns = [{ expr: read, as: null }];
  if (!dialect.forUpdate) return { ...PLAIN, columns, from: table, alias: table.name, where };
  // Whoever adds to the same object waits for its row, and then finds what the other one added.
  const alias = `${meta.table.name}_owner`;
  const key: Expr = { kind: "column", table: alias, name: from.column, nullable: false };
  const on: Expr = { kind: "and", items: [{ kind: "compare", op: "=", left: column(near), right: key }, listed] };
  return {
    ...PLAIN,
    columns,
    from: meta.table,
    alias,
    joins: [{ type: "left", table, alias: table.name, on }],
    where: { kind: "compare", op: "=", left: key, right: param(0, nearColumn) },
    lock: { of: [], busy: "wait" },
  };
}
